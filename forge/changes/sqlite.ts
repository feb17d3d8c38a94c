import type { FastifyBaseLogger } from 'fastify'
import type { Sequelize } from 'sequelize'
import sqlite3 from 'sqlite3'

import { selectRows } from '../sql/rows.ts'
import { createListeners, EVERYTHING, parseChange } from './change.ts'
import type { Changes } from './changes.ts'
import { coalesce } from './coalesce.ts'
import { watchWriteAheadLog, type WriteAheadLog } from './write-ahead-log.ts'

/** How soon a change is told when nobody asks. */
const POLL_MS = 250
const BUSY_TIMEOUT_MS = 1_000
const PAGE = 1_000

interface Row {
  id: number
  kind: string
  subject: string
}

/** A connection that sees what every other one has written. */
interface Reader {
  /** The number of the latest change; 0 before the first. */
  latest(): Promise<number>
  /** Changes after a number, oldest first, a page at most. */
  after(id: number): Promise<Row[]>
  close(): Promise<void>
}

/**
 * Hears of changes by looking: SQLite tells nobody. Whoever wants to use what is held waits for a look that began after
 * they asked, one look for all who ask at a time, so that what is held is never out of date, whichever process writes.
 * Where nothing at all was written since the last look, that one will do: to wake a thread costs more than an answer.
 */
export function watchSqlite(db: Sequelize, log: FastifyBaseLogger): Changes {
  const listeners = createListeners()
  let reader: Reader | null = null
  let writeAheadLog: WriteAheadLog | null = null
  let lastId = 0
  let healthy = false
  /** When the last look that came to an end began. */
  let lookedAt = -Infinity
  let timer: NodeJS.Timeout | null = null

  const tellRow = ({ id, kind, subject }: Row) => {
    // Old rows are removed. A gap says that some were before this process, which stood still, had read them.
    listeners.tell(id === lastId + 1 ? parseChange(`${kind} ${subject}`) : EVERYTHING)
    lastId = id
  }
  const look = coalesce(async () => {
    if (!reader) return
    const beganAt = performance.now()
    for (let rows: Row[] | null = null; rows === null || rows.length === PAGE;) {
      rows = await reader.after(lastId)
      rows.forEach(tellRow)
    }
    if (!healthy) listeners.tell(EVERYTHING)
    healthy = true
    lookedAt = beganAt
  })
  const lookQuietly = async () => {
    try {
      await look()
    } catch (error) {
      if (healthy) log.error(error, 'changes cannot be read: facts are read fresh')
      healthy = false
      listeners.tell(EVERYTHING)
    }
  }
  /** Whether nothing can have been written since the last look, so that a look now would see what it has seen. */
  const nothingWritten = () => {
    const askedAt = performance.now()
    if (!healthy || !writeAheadLog?.isUntouchedSince(lookedAt)) return false
    lookedAt = askedAt
    return true
  }

  return {
    onChange: (listener) => listeners.add(listener),
    isCurrent(since = performance.now()) {
      if (healthy && lookedAt > since) return true
      return nothingWritten() || lookQuietly().then(() => healthy)
    },
    settled: lookQuietly,
    get healthy() {
      return healthy
    },
    async start() {
      const file = await fileOf(db)
      reader = await openReader(file)
      writeAheadLog = watchWriteAheadLog(file)
      lastId = await reader.latest()
      await lookQuietly()
      timer = setInterval(() => void lookQuietly(), POLL_MS)
      timer.unref()
    },
    async close() {
      if (timer) clearInterval(timer)
      await lookQuietly()
      const open = reader
      reader = null
      healthy = false
      await open?.close()
    },
  }
}

/** @throws {TypeError} for a database that no second connection can see */
async function fileOf(db: Sequelize): Promise<string> {
  const [main] = await selectRows<{ file: string }>(db, "SELECT file FROM pragma_database_list WHERE name = 'main'", [])
  if (main?.file) return main.file
  throw new TypeError('forge-pat needs an SQLite database in a file: changes are read over a second connection.')
}

async function openReader(file: string): Promise<Reader> {
  const db = await promised<sqlite3.Database>((done) => {
    const opened = new sqlite3.Database(file, sqlite3.OPEN_READWRITE, (error) => done(error, opened))
  })
  db.configure('busyTimeout', BUSY_TIMEOUT_MS)
  const newer = await promised<sqlite3.Statement>((done) => {
    const made = db.prepare('SELECT id, kind, subject FROM pat_changes WHERE id > ? ORDER BY id LIMIT ?', (error) =>
      done(error, made),
    )
  })

  return {
    latest: () =>
      promised((done) =>
        db.get<{ id: number }>('SELECT coalesce(max(id), 0) AS id FROM pat_changes', (error, row) =>
          done(error, error ? 0 : row.id),
        ),
      ),
    after: (id) => promised((done) => newer.all<Row>([id, PAGE], done)),
    close: () => promised((done) => newer.finalize(() => db.close((error) => done(error, undefined)))),
  }
}

function promised<T>(work: (done: (error: Error | null, result: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => work((error, result) => (error ? reject(error) : resolve(result))))
}
