import { randomUUID } from 'node:crypto'

import type { FastifyBaseLogger } from 'fastify'
import type { Sequelize } from 'sequelize'

import { selectRows, writeRows } from '../sql/rows.ts'
import { databaseClock, sqlTime } from '../sql/time.ts'

/** Which instances listen to this forge, written where every forge on the database can read it. */
export interface Roster {
  /** @returns the listener's id; null when it could not be written: it listens all the same, and confirms nothing */
  join(listener: { instanceId: string; confirms: boolean }): Promise<string | null>
  leave(id: string): void
  /** Takes all of this forge out, and waits for it. */
  close(): Promise<void>
}

const BEAT_MS = 10_000
/** A forge that has not been seen for so long is gone, and its listeners with it. */
export const GONE_AFTER_SECONDS = 30

/** How many instances listen to whatever forge on the database now. */
export async function countListening(db: Sequelize): Promise<number> {
  const [row] = await selectRows<{ n: number | string }>(
    db,
    `SELECT count(DISTINCT instance_id) AS n FROM pat_listeners
     WHERE ${databaseClock(db).secondsSince('seen_at')} <= ${GONE_AFTER_SECONDS}`,
    [],
  )
  return Number(row?.n)
}

export function createRoster(db: Sequelize, log: FastifyBaseLogger): Roster {
  const forgeId = randomUUID()
  const clock = databaseClock(db)
  const leaving = new Set<Promise<unknown>>()
  let timer: NodeJS.Timeout | null = null
  let closed = false

  const complain = (error: unknown) => log.error(error, 'the list of listening instances could not be written')
  const beat = async () => {
    await writeRows(db, `UPDATE pat_listeners SET seen_at = ${clock.now} WHERE forge_id = $1`, [forgeId])
    await writeRows(
      db,
      `DELETE FROM pat_listeners WHERE ${clock.secondsSince('seen_at')} > 2 * ${GONE_AFTER_SECONDS}`,
      [],
    )
  }
  const leave = (where: string, id: string) => {
    const left = writeRows(db, `DELETE FROM pat_listeners WHERE ${where} = $1`, [id]).catch(complain)
    leaving.add(left)
    void left.finally(() => leaving.delete(left))
  }

  return {
    async join({ instanceId, confirms }) {
      const id = randomUUID()
      timer ??= setInterval(() => void beat().catch(complain), BEAT_MS).unref()
      try {
        await writeRows(
          db,
          `INSERT INTO pat_listeners (id, forge_id, instance_id, confirms, since, seen_at)
           VALUES ($1, $2, $3, ${confirms ? 'true' : 'false'}, $4, ${clock.now})`,
          [id, forgeId, instanceId, sqlTime(new Date())],
        )
        return id
      } catch (error) {
        complain(error)
        return null
      }
    },

    leave: (id) => {
      if (!closed) leave('id', id)
    },

    async close() {
      closed = true
      if (!timer) return
      clearInterval(timer)
      leave('forge_id', forgeId)
      await Promise.all(leaving)
    },
  }
}
