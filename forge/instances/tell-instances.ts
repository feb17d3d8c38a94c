import type { FastifyBaseLogger } from 'fastify'
import type { Sequelize } from 'sequelize'

import type { Change } from '../changes/change.ts'
import type { Changes } from '../changes/changes.ts'
import { coalesce } from '../changes/coalesce.ts'
import type { Directory } from '../directory/directory.ts'
import { FORGET_ALL, messagesFor } from './messages.ts'
import type { Push } from './push.ts'

/** Where the host does not say when a credential is replaced, listeners are looked at this often. */
const RECHECK_MS = 30_000

export interface Sources {
  db: Sequelize
  /** Of the module's tables. */
  changes: Changes
  directory: Directory
  log: FastifyBaseLogger
}

/** Whether this forge hears of changes itself, so that it can promise to pass them on. */
export function hearsChanges({ changes, directory }: Pick<Sources, 'changes' | 'directory'>): boolean {
  return changes.healthy && (directory.changes?.healthy ?? true)
}

/** Passes changes on to the instances that listen. @returns stops it */
export function tellInstances(push: Push, sources: Sources): () => void {
  const { db, changes, directory, log } = sources
  let waiting: Change[] = []

  const passOn = coalesce(async () => {
    const batch = waiting
    waiting = []
    if (push.size === 0) return push.skip()

    const moved = batch.filter(({ kind }) => kind === 'team' || kind === 'instance')
    await push.recheck(moved.map(({ kind, id }) => ({ type: kind === 'team' ? 'team' : 'instance', id })))
    for (const message of await messagesFor(db, batch)) push.publish(message)
  })

  const hear = (change: Change) => {
    // An instance that hears nothing must not believe that nothing happens.
    if (!hearsChanges(sources)) push.dismiss()
    waiting.push(change)
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
