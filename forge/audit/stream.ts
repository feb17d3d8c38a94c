import { Op, type Sequelize } from 'sequelize'

import type { AuditLogEntry } from '../contract/audit.ts'
import { withLease } from '../housekeeping/lease.ts'
import { writeRows } from '../sql/rows.ts'
import { databaseClock } from '../sql/time.ts'
import { presentEntry } from './log.ts'
import type { AuditModels, Checkpoint, Entry } from './model.ts'

/** One line: an entry with its number and seal, or a checkpoint, which is an anchor for `audit verify`. */
export type StreamLine =
  | ({ type: 'audit.entry'; sequence: number; seal: string | null } & AuditLogEntry)
  | { type: 'audit.checkpoint'; number: number; lastSequence: number; createdAt: string; mac: string }

export interface StreamBatch {
  /** The same whenever the same entries are sent again. */
  id: string
  lines: readonly StreamLine[]
  /** The same as JSON lines. */
  text: string
}

/** Where entries are streamed to. */
export interface AuditSink {
  /** Names its place in the stream; at most 16 characters, never changed. */
  name: string
  /** Resolves once the batch is in safe hands; anything thrown means: again, later. */
  deliver(batch: StreamBatch, closing: AbortSignal): Promise<void>
}

export interface StreamStore {
  db: Sequelize
  models: AuditModels
}

/** Entries that are sent, and held in memory, at once. */
const BATCH = 200
const LEASE_SECONDS = 60

/**
 * Sends what has been sealed since the last time, in order and at least once: the place in the stream moves on after
 * the delivery. However many forges run, one of them sends.
 */
export async function streamNewEntries(store: StreamStore, sink: AuditSink, closing: AbortSignal): Promise<void> {
  if ((await readBatch(store, sink, 1)).length === 0) return

  await withLease(store.db, `audit stream ${sink.name}`, LEASE_SECONDS, async (lost) => {
    let entries = await readBatch(store, sink, BATCH)
    while (entries.length > 0) {
      const checkpoints = await checkpointsOver(store, entries)
      await sink.deliver(batchOf(entries, checkpoints), closing)
      await moveOn(store, sink, entries)

      if (lost.aborted || closing.aborted) return
      entries = await readBatch(store, sink, BATCH)
    }
  })
}

async function readBatch({ models }: StreamStore, { name }: AuditSink, limit: number): Promise<Entry[]> {
  const stream = await models.Stream.findOne({ where: { sink: name }, raw: true })
  return models.Entry.findAll({
    where: { sequence: { [Op.gt]: stream?.position ?? 0 } },
    order: [['sequence', 'ASC']],
    limit,
    raw: true,
  })
}

/** Those that end within the batch. */
function checkpointsOver({ models }: StreamStore, entries: Entry[]): Promise<Checkpoint[]> {
  const range = [entries[0], entries.at(-1)].map((entry) => Number(entry?.sequence)) as [number, number]
  return models.Checkpoint.findAll({
    where: { lastSequence: { [Op.between]: range } },
    order: [['number', 'ASC']],
    raw: true,
  })
}

function batchOf(entries: Entry[], checkpoints: Checkpoint[]): StreamBatch {
  const lines: StreamLine[] = [...entries.map(entryLine), ...checkpoints.map(checkpointLine)]
  return {
    id: `audit-${entries[0]?.sequence}-${entries.at(-1)?.sequence}`,
    lines,
    text: lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
  }
}

function entryLine(entry: Entry): StreamLine {
  return { type: 'audit.entry', sequence: Number(entry.sequence), seal: entry.seal, ...presentEntry(entry) }
}

function checkpointLine({ number, lastSequence, createdAt, mac }: Checkpoint): StreamLine {
  return {
    type: 'audit.checkpoint',
    number: Number(number),
    lastSequence: Number(lastSequence),
    createdAt: new Date(createdAt).toISOString(),
    mac,
  }
}

/** Never back: a forge that lost its lease may be behind the one that has it now. */
async function moveOn({ db }: StreamStore, { name }: AuditSink, entries: Entry[]): Promise<void> {
  await writeRows(
    db,
    `INSERT INTO pat_audit_streams (sink, position, updated_at)
     VALUES ($1, CAST($2 AS BIGINT), ${databaseClock(db).now})
     ON CONFLICT (sink) DO UPDATE SET position = excluded.position, updated_at = excluded.updated_at
     WHERE pat_audit_streams.position < excluded.position`,
    [name, Number(entries.at(-1)?.sequence)],
  )
}
