import type { Sequelize } from 'sequelize'

import { selectRows } from '../sql/rows.ts'

export interface Backlog {
  /** `seal`, or the name of a sink. */
  waitsFor: string
  entries: number
}

/** Whoever asks must not wait for a database that does not answer. */
const PATIENCE_MS = 1_000

/** What the audit has still to do, of all forges on this database. @throws {Error} when the database does not answer */
export async function auditBacklog(db: Sequelize, sinks: readonly string[]): Promise<Backlog[]> {
  const unsealed = selectRows<{ count: number }>(
    db,
    'SELECT count(*) AS count FROM pat_audit_entries WHERE sequence IS NULL',
    [],
  )
  const places = selectRows<{ last: number; sink: string | null; position: number | null }>(
    db,
    `SELECT newest.last, streams.sink, streams.position
     FROM (SELECT coalesce(max(last_sequence), 0) AS last FROM pat_audit_checkpoints) AS newest
     LEFT JOIN pat_audit_streams AS streams ON true`,
    [],
  )
  const [[waiting], streams] = await withinPatience(Promise.all([unsealed, places]))

  const last = Number(streams[0]?.last ?? 0)
  const sentTo = new Map(streams.map(({ sink, position }) => [sink, Number(position)]))
  return [
    { waitsFor: 'seal', entries: Number(waiting?.count ?? 0) },
    ...sinks.map((sink) => ({ waitsFor: sink, entries: last - (sentTo.get(sink) ?? 0) })),
  ]
}

async function withinPatience<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS)
  })
  try {
    return await Promise.race([work, tooLong])
  } finally {
    clearTimeout(timer)
  }
}
