import { inBatches } from './batches.ts'
import type { Task } from './task.ts'

export interface TombstoneOptions {
  /** Deletes what ended before a moment, at most so many at once, and answers how many it deleted. */
  deleteEnded(before: Date, limit: number): Promise<number>
  /** For how many days a token that ended can still be looked at. */
  tombstoneDays?: number | undefined
}

const TOMBSTONE_DAYS = 90
const DAY_MS = 86_400_000

/** Removes tokens that ended long ago. What the audit says of them stays. */
export function tombstoneTask({ deleteEnded, tombstoneDays = TOMBSTONE_DAYS }: TombstoneOptions): Task {
  return {
    name: 'tombstones',
    everySeconds: 86_400,
    async run(now, shouldStop) {
      const before = new Date(now.getTime() - tombstoneDays * DAY_MS)
      await inBatches((limit) => deleteEnded(before, limit), shouldStop)
    },
  }
}
