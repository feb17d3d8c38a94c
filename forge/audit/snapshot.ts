import { Op, Transaction, type Sequelize } from 'sequelize'

import { defineAuditModels, type AuditModels, type Checkpoint, type Entry, type Stream } from './model.ts'

/** The audit as it was at one moment, however long the reading takes and whoever writes meanwhile. */
export interface AuditSnapshot {
  /** Numbered entries by their number. */
  sealedEntries(): AsyncGenerator<Entry>
  unsealedEntries(): AsyncGenerator<Entry>
  checkpoints(): AsyncGenerator<Checkpoint>
  checkpoint(number: string): Promise<Checkpoint | null>
  streams(): Promise<Stream[]>
}

/** Rows that are held in memory at once. */
const BATCH = 1000

/** Reads in one transaction that writes nothing and keeps no writer waiting. */
export async function withAuditSnapshot<T>(db: Sequelize, read: (snapshot: AuditSnapshot) => Promise<T>): Promise<T> {
  const models = defineAuditModels(db)
  return db.transaction(snapshotOptions(db), (transaction) => read(snapshotOf(models, transaction)))
}

/** On SQLite a deferred transaction takes no lock, and sees one state of the file until its end. */
function snapshotOptions(db: Sequelize) {
  return db.getDialect() === 'postgres'
    ? { isolationLevel: Transaction.ISOLATION_LEVELS.REPEATABLE_READ, readOnly: true }
    : { type: Transaction.TYPES.DEFERRED }
}

function snapshotOf({ Entry, Checkpoint, Stream }: AuditModels, transaction: Transaction): AuditSnapshot {
  const options = { raw: true, limit: BATCH, transaction } as const

  return {
    sealedEntries: () =>
      inBatches<Entry>((last) =>
        Entry.findAll({
          where: { sequence: { [Op.gt]: last?.sequence ?? Number.MIN_SAFE_INTEGER } },
          order: [['sequence', 'ASC']],
          ...options,
        }),
      ),
    unsealedEntries: () =>
      inBatches<Entry>((last) =>
        Entry.findAll({
          where: { sequence: null, ...(last ? { id: { [Op.gt]: last.id } } : {}) },
          order: [['id', 'ASC']],
          ...options,
        }),
      ),
    checkpoints: () =>
      inBatches<Checkpoint>((last) =>
        Checkpoint.findAll({
          where: last ? { number: { [Op.gt]: last.number } } : {},
          order: [['number', 'ASC']],
          ...options,
        }),
      ),
    checkpoint: (number) => Checkpoint.findOne({ where: { number }, raw: true, transaction }),
    streams: () => Stream.findAll({ raw: true, transaction }),
  }
}

async function* inBatches<Row>(readAfter: (last: Row | undefined) => Promise<Row[]>): AsyncGenerator<Row> {
  let rows: Row[] = []
  do {
    rows = await readAfter(rows.at(-1))
    yield* rows
  } while (rows.length === BATCH)
}
