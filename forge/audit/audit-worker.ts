import type { Writable } from 'node:stream'

import type { Sequelize } from 'sequelize'

import type { SecretKeys } from '../keys.ts'
import { makeCheckpoints, type CheckpointStore } from './checkpoints.ts'
import { startLoop, type Loop } from './loop.ts'
import { defineAuditModels } from './model.ts'
import { createAuditProver } from './proof.ts'
import { lineSink, webhookSink, type WebhookOptions } from './sinks.ts'
import { streamNewEntries, type AuditSink } from './stream.ts'

/** Where the audit is streamed to, besides being kept. */
export interface AuditSinks {
  /** Gets JSON lines; `process.stdout`, for a collector of logs. */
  stdout?: Writable
  webhook?: WebhookOptions
  /** The host's own audit log, where it has one. */
  host?: AuditSink
}

export interface AuditWorkerOptions {
  db: Sequelize
  keys: SecretKeys
  sinks: AuditSinks
  /** Is told what failed; all of it is tried again. */
  onError(error: unknown, what: string): void
}

export interface AuditWorker {
  /** Begins, on a migrated database. */
  start(): void
  /** Lets the running turns end, and seals what is left. */
  close(): Promise<void>
}

/** The window in which an entry can vanish without a trace. */
const SEAL_EVERY_MS = 2_000
const STREAM_EVERY_MS = 1_000
const LONGEST_PAUSE_MS = 5 * 60_000

/** Does the background work of the audit: checkpoints, and one stream per sink, so that a slow one holds up nothing. */
export function createAuditWorker({ db, keys, sinks, onError }: AuditWorkerOptions): AuditWorker {
  const store = { db, models: defineAuditModels(db), prover: createAuditProver(keys) }
  const loops: Loop[] = []
  const seal = () => makeCheckpoints(store)

  return {
    start() {
      const onFailedSeal = (error: unknown) => onError(error, 'an audit checkpoint could not be made')
      // Never a long pause: what waits for its checkpoint is not safe.
      loops.push(startLoop(seal, { everyMs: SEAL_EVERY_MS, longestMs: 4 * SEAL_EVERY_MS, onError: onFailedSeal }))
      for (const sink of sinksOf(sinks)) loops.push(startStream(store, sink, onError))
    },
    async close() {
      await Promise.all(loops.map((loop) => loop.close()))
      if (loops.length === 0) return
      await seal().catch((error: unknown) => onError(error, 'the last audit checkpoint could not be made'))
    },
  }
}

function startStream(store: CheckpointStore, sink: AuditSink, onError: AuditWorkerOptions['onError']): Loop {
  return startLoop((closing) => streamNewEntries(store, sink, closing), {
    everyMs: STREAM_EVERY_MS,
    longestMs: LONGEST_PAUSE_MS,
    onError: (error) => onError(error, `the audit could not be streamed to ${sink.name}`),
  })
}

function sinksOf({ stdout, webhook, host }: AuditSinks): AuditSink[] {
  const sinks = [stdout && lineSink(stdout), webhook && webhookSink(webhook), host]
  return sinks.filter((sink) => sink !== undefined)
}
