import type { FastifyBaseLogger } from 'fastify'
import type { Sequelize } from 'sequelize'

import type { Change } from '../changes/change.ts'
import type { Changes } from '../changes/changes.ts'
import { coalesce } from '../changes/coalesce.ts'
import type { Directory } from '../directory/directory.ts'
import { FORGET_ALL, messagesFor } from './messages.ts'
import { NO_TRACER, type Tracer } from '../tracer.ts'
import type { Push } from './push.ts'

/** Where the host does not say when a credential is replaced, listeners are looked at this often. */
const RECHECK_MS = 30_000

export interface Sources {
  db: Sequelize
  /** Of the module's tables. */
  changes: Changes
  directory: Directory
  log: FastifyBaseLogger
  /** Is told how long after a change was heard it stood on the streams, in seconds. */
  onTold?: (seconds: number) => void
  tracer?: Tracer
}

/** Whether this forge hears of changes itself, so that it can promise to pass them on. */
export function hearsChanges({ changes, directory }: Pick<Sources, 'changes' | 'directory'>): boolean {
  return changes.healthy && (directory.changes?.healthy ?? true)
}

/** Passes changes on to the instances that listen. @returns stops it */
export function tellInstances(push: Push, sources: Sources): () => void {
  const { db, changes, directory, log, onTold = () => {}, tracer = NO_TRACER } = sources
  let waiting: Change[] = []
  /** When the first of those that wait was heard, by the monotonic clock. */
  let waitingSince = 0

  const passOn = coalesce(async () => {
    const [batch, heardAt] = [waiting, waitingSince]
    waiting = []
    if (push.size === 0) return push.skip()

    await tracer.span('push', async (span) => {
      span.set('forge.changes', batch.length)
      span.set('forge.streams', push.size)
      const moved = batch.filter(({ kind }) => kind === 'team' || kind === 'instance')
      await push.recheck(moved.map(({ kind, id }) => ({ type: kind === 'team' ? 'team' : 'instance', id })))
      for (const message of await messagesFor(db, batch)) push.publish(message)
    })
    if (batch.length > 0) onTold((performance.now() - heardAt) / 1000)
  })

  const hear = (change: Change) => {
    // An instance that hears nothing must not believe that nothing happens.
    if (!hearsChanges(sources)) push.dismiss()
    if (waiting.push(change) === 1) waitingSince = performance.now()
    passOn().catch((error: unknown) => {
      log.error(error, 'changes could not be told apart: instances forget everything')
      push.publish(FORGET_ALL)
    })
  }

  const stops = [...new Set([changes, directory.changes ?? changes])].map((source) => source.onChange(hear))
  const timer = directory.changes ? null : setInterval(() => void push.recheck('everybody'), RECHECK_MS)
  timer?.unref()
  return () => {
    for (const stop of stops) stop()
    if (timer) clearInterval(timer)
  }
}
