import type { Sequelize, Transaction } from 'sequelize'

import { withLease } from '../housekeeping/lease.ts'
import { writeRows } from '../sql/rows.ts'
import type { AuditModels, Checkpoint } from './model.ts'
import { digestOfSeals, type AuditProver } from './proof.ts'

/** What making checkpoints works with. */
export interface CheckpointStore {
  db: Sequelize
  models: AuditModels
  prover: AuditProver
}

/** Entries in one checkpoint at most: a transaction of some milliseconds. */
const BATCH = 500
const LEASE_SECONDS = 30

/**
 * Gives every entry that has none yet its number and seal, and fixes the batch with a checkpoint. Writers are never
 * waited for and never wait: an entry that is committed later gets a later number.
 */
export async function makeCheckpoints(store: CheckpointStore): Promise<void> {
  if (!(await hasUnsealedEntries(store))) return

  // The lease spares forges the race; what keeps the chain one chain is its primary key.
  await withLease(store.db, 'audit checkpoints', LEASE_SECONDS, async (lost) => {
    let sealed: number
    do sealed = await sealBatch(store)
    while (sealed === BATCH && !lost.aborted)
  })
}

/** @returns how many entries it sealed */
function sealBatch({ db, models, prover }: CheckpointStore): Promise<number> {
  return db.transaction(async (transaction) => {
    const entries = await models.Entry.findAll({
      attributes: ['id', 'mac'],
      where: { sequence: null },
      order: [['id', 'ASC']],
      limit: BATCH,
      raw: true,
      transaction,
    })
    if (entries.length === 0) return 0

    const previous = await newestCheckpoint(models, transaction)
    const firstSequence = Number(previous?.lastSequence ?? 0) + 1
    const sealed = entries.map(({ id, mac }, index) => {
      const sequence = firstSequence + index
      return { id, sequence, seal: prover.ofPlace({ sequence, id, mac }) }
    })
    await writeSeals(db, sealed, transaction)

    const checkpoint = {
      number: Number(previous?.number ?? 0) + 1,
      createdAt: new Date(),
      firstSequence,
      lastSequence: firstSequence + entries.length - 1,
      sealsDigest: digestOfSeals(sealed.map(({ seal }) => seal)),
      previousMac: previous?.mac ?? null,
    }
    const mac = prover.ofCheckpoint(checkpoint)
    await models.Checkpoint.create({ ...checkpoint, keyId: prover.keyId, mac }, { transaction })
    return entries.length
  })
}

/** The last of the chain; null before the first. */
function newestCheckpoint({ Checkpoint }: AuditModels, transaction: Transaction): Promise<Checkpoint | null> {
  return Checkpoint.findOne({ order: [['number', 'DESC']], raw: true, transaction })
}

interface SealedEntry {
  id: string
  sequence: number
  seal: string
}

/** One statement for the batch. @throws when another process has sealed one of them meanwhile: all of it is undone */
async function writeSeals(db: Sequelize, sealed: SealedEntry[], transaction: Transaction): Promise<void> {
  const bind = sealed.flatMap(({ id, sequence, seal }) => [id, sequence, seal])
  const values = sealed.map((_, index) => `($${3 * index + 1}, CAST($${3 * index + 2} AS BIGINT), $${3 * index + 3})`)

  const written = await writeRows(
    db,
    `UPDATE pat_audit_entries SET sequence = v.column2, seal = v.column3
     FROM (VALUES ${values.join()}) AS v
     WHERE pat_audit_entries.id = v.column1 AND pat_audit_entries.sequence IS NULL`,
    bind,
    transaction,
  )
  if (written !== sealed.length) throw new Error('another process is making audit checkpoints')
}

async function hasUnsealedEntries({ models }: CheckpointStore): Promise<boolean> {
  return (await models.Entry.findOne({ attributes: ['id'], where: { sequence: null }, raw: true })) !== null
}
