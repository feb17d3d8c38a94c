import { Socket } from 'node:net'

import type { FastifyBaseLogger } from 'fastify'
import pg from 'pg'
import type { Sequelize } from 'sequelize'

import { pause } from '../housekeeping/pause.ts'
import { createListeners, EVERYTHING, parseChange } from './change.ts'
import type { Changes } from './changes.ts'
import { coalesce } from './coalesce.ts'

/** How often the connection is asked whether it lives. */
const HEARTBEAT_MS = 250
/** Facts are used for so long after the last proof of life began; a second at most goes by until a change counts. */
const TRUST_MS = 900
/** A question that is not answered within this time tells that the connection is dead, whatever the socket says. */
const DEAD_AFTER_MS = 3_000
const FIRST_BACK_OFF_MS = 100
const LONGEST_BACK_OFF_MS = 5_000
const START_PATIENCE_MS = 2_000

/** A connection that listens, as long as it lives. */
interface Line {
  /**
   * Resolves once all that was committed before the call has been heard: before PostgreSQL says that it is ready for
   * the next query, it sends a listener every notification that is pending.
   */
  ask(): Promise<unknown>
  lost: Promise<void>
  cut(): void
}

/** Hears of changes by NOTIFY, on a connection of its own that is made again whenever it is lost. */
export function listenOnPostgres(db: Sequelize, log: FastifyBaseLogger): Changes {
  const listeners = createListeners()
  const closing = new AbortController()
  const isClosing = () => closing.signal.aborted
  let line: Line | null = null
  /** When the last question that was answered was asked, by the monotonic clock. */
  let provenAt = -Infinity
  let tending = Promise.resolve()

  const prove = coalesce(async () => {
    const asked = line
    const askedAt = performance.now()
    await asked?.ask()
    if (asked && asked === line) provenAt = askedAt
  })
  const askQuietly = () => prove().catch(() => undefined) // a line that fails is lost, and `tend` sees to that

  const use = async (current: Line) => {
    line = current
    provenAt = performance.now()
    listeners.tell(EVERYTHING)
    const heartbeat = setInterval(() => {
      if (performance.now() - provenAt > DEAD_AFTER_MS) current.cut()
      else void askQuietly()
    }, HEARTBEAT_MS)
    heartbeat.unref()

    await current.lost
    clearInterval(heartbeat)
    line = null
    provenAt = -Infinity
    listeners.tell(EVERYTHING)
  }

  const tend = async (onFirstTry: () => void) => {
    let backOffMs = FIRST_BACK_OFF_MS
    do {
      try {
        const current = await openLine(db, (text) => listeners.tell(parseChange(text ?? '')))
        if (isClosing()) return current.cut()
        const inUse = use(current)
        backOffMs = FIRST_BACK_OFF_MS
        onFirstTry()
        await inUse
        if (!isClosing()) log.warn('the connection that tells of changes is lost: facts are read fresh')
      } catch (error) {
        log.error(error, 'no connection that tells of changes: facts are read fresh')
        backOffMs = Math.min(backOffMs * 2, LONGEST_BACK_OFF_MS)
      }
      onFirstTry()
    } while (await pause(backOffMs * (0.5 + Math.random()), closing.signal))
  }

  return {
    onChange: (listener) => listeners.add(listener),
    isCurrent: () => performance.now() - provenAt < TRUST_MS,
    async settled() {
      // Without a line nothing is held. One that has died is lost within seconds, and then nothing is held either.
      if (line) await askQuietly()
    },
    get healthy() {
      return line !== null
    },
    async start() {
      const tried = new Promise<void>((resolve) => {
        tending = tend(resolve)
      })
      await Promise.race([tried, pause(START_PATIENCE_MS, closing.signal)])
    },
    async close() {
      closing.abort()
      line?.cut()
      await tending
    },
  }
}

/** @throws {Error} when the database cannot be reached */
async function openLine(db: Sequelize, hear: (text: string | undefined) => void): Promise<Line> {
  const socket = new Socket()
  const client = new pg.Client({ ...connectionOf(db), stream: () => socket })
  const lost = new Promise<void>((resolve) => {
    client.on('error', () => resolve())
    client.on('end', () => resolve())
  })
  client.on('notification', ({ payload }) => hear(payload))

  try {
    await client.connect()
    await client.query('LISTEN pat_changes')
  } catch (error) {
    socket.destroy()
    throw error
  }
  return { lost, ask: () => client.query('SELECT 1'), cut: () => socket.destroy() }
}

/** Where the given connection goes, with the same rights and the same TLS. */
function connectionOf({ config }: Sequelize): pg.ClientConfig {
  const { host, port, database, username: user, password } = config
  const { ssl } = (config.dialectOptions ?? {}) as Pick<pg.ClientConfig, 'ssl'>

  return {
    ...{ host, database, user, port: Number(port), application_name: 'forge-pat changes', keepAlive: true },
    connectionTimeoutMillis: DEAD_AFTER_MS,
    ...(password === null ? {} : { password }),
    ...(ssl === undefined ? {} : { ssl }),
  }
}
