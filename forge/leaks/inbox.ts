import { randomUUID } from 'node:crypto'

import type { Sequelize } from 'sequelize'

import { ForgeError } from '../errors/forge-error.ts'
import type { SecretKeys } from '../keys.ts'
import { selectRows, writeRows } from '../sql/rows.ts'
import { databaseClock } from '../sql/time.ts'
import type { LeakSource } from './revoke-leaked.ts'
import { createSeals, type Sealed } from './sealed.ts'

/** Texts that may wait at once: some seconds of work. */
const MAX_WAITING = 5_000
/** Claimed at once by one forge. */
const PER_CLAIM = 20
/** After the death of who claimed them, and after a failure, they are due again; each time after twice as long. */
const DUE_AGAIN_SECONDS = 30
/** With the waits above, for about a day: then the database is not the trouble. */
const MAX_ATTEMPTS = 12

/** One text that was reported. */
export interface Report {
  id: string
  text: string
  source: LeakSource
}

/** Reports that were accepted and not looked at yet: in the database, so that they outlive the process. */
export interface Inbox {
  /** @throws {ForgeError} unavailable when too much is waiting already */
  put(texts: readonly string[], source: LeakSource): Promise<void>
  /** Some that are due, for this forge alone for a while. What nobody can open, or failed too often, is given up. */
  claim(): Promise<{ reports: Report[]; claimed: number; givenUp: number }>
  /** Is done with one. */
  remove(id: string): Promise<void>
}

export function createInbox(db: Sequelize, keys: SecretKeys): Inbox {
  const seals = createSeals(keys)
  const clock = databaseClock(db)
  const remove = async (id: string) => void (await writeRows(db, 'DELETE FROM pat_leak_reports WHERE id = $1', [id]))

  const open = ({ id, ...sealed }: ClaimedRow): Report | null => {
    const content = seals.open(id, sealed)
    return content === null ? null : { id, ...(JSON.parse(content) as Omit<Report, 'id'>) }
  }

  return {
    remove,

    async put(texts, source) {
      if (texts.length === 0) return
      const [row] = await selectRows<{ count: number | string }>(
        db,
        'SELECT count(*) AS count FROM pat_leak_reports',
        [],
      )
      if (Number(row?.count ?? 0) + texts.length > MAX_WAITING) {
        throw new ForgeError('unavailable', 'Too many reports at once. Try again in a moment.', {
          retryAfterSeconds: 10,
        })
      }

      const bind: string[] = []
      const rows = texts.map((text) => {
        const id = randomUUID()
        const { keyId, sealed } = seals.seal(id, JSON.stringify({ text, source }))
        const places = [id, keyId, sealed].map((value) => `$${bind.push(value)}`)
        return `(${places.join()}, 0, ${clock.now}, ${clock.now})`
      })
      await writeRows(
        db,
        `INSERT INTO pat_leak_reports (id, key_id, sealed, attempts, due_at, created_at) VALUES ${rows.join()}`,
        bind,
      )
    },

    async claim() {
      const due = await selectRows<ClaimedRow & { attempts: number }>(
        db,
        `SELECT id, key_id AS "keyId", sealed, attempts FROM pat_leak_reports WHERE due_at <= ${clock.now}
         ORDER BY due_at, id LIMIT $1`,
        [PER_CLAIM],
      )
      const reports: Report[] = []
      let [claimed, givenUp] = [0, 0]
      for (const { attempts, ...row } of due) {
        if (!(await claimOne(db, row.id, attempts))) continue

        claimed += 1
        const report = open(row)
        if (report) reports.push(report)
        if (attempts + 1 >= MAX_ATTEMPTS) {
          await remove(row.id)
          givenUp += 1
        }
      }
      return { reports, claimed, givenUp }
    },
  }
}

type ClaimedRow = { id: string } & Sealed

/** Of several forges one gets it: the count of attempts is the one that was read. */
async function claimOne(db: Sequelize, id: string, attempts: number): Promise<boolean> {
  const due = databaseClock(db).secondsFromNow('$3')
  const claimed = await writeRows(
    db,
    `UPDATE pat_leak_reports SET attempts = attempts + 1, due_at = ${due} WHERE id = $1 AND attempts = $2`,
    [id, attempts, DUE_AGAIN_SECONDS * 2 ** attempts],
  )
  return claimed === 1
}
