import { inBatches } from './batches.ts'
import type { Task } from './task.ts'

/** Up to when what has ended by now is deleted. */
export interface EndedBefore {
  before: Date
  /** Of tokens that instances exchange for: they come by the hundred, and each lasted for minutes. */
  exchangedBefore: Date
}

export interface TombstoneOptions {
  /** Deletes at most so many at once, and answers how many it deleted. */
  deleteEnded(ended: EndedBefore, limit: number): Promise<number>
  /** For how many days a token that ended can still be looked at. */
  tombstoneDays?: number | undefined
}

const TOMBSTONE_DAYS = 90
const EXCHANGED_DAYS = 1
const DAY_MS = 86_400_000

/** Removes tokens that ended long ago. What the audit says of them stays. */
export function tombstoneTask({ deleteEnded, tombstoneDays = TOMBSTONE_DAYS }: TombstoneOptions): Task {
  return {
    name: 'tombstones',
    everySeconds: 3_600,
    async run(now, shouldStop) {
      const daysAgo = (days: number) => new Date(now.getTime() - days * DAY_MS)
      const ended = { before: daysAgo(tombstoneDays), exchangedBefore: daysAgo(EXCHANGED_DAYS) }
      await inBatches((limit) => deleteEnded(ended, limit), shouldStop)
    },
  }
}
