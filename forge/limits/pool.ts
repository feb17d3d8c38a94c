import { ForgeError } from '../errors/forge-error.ts'

export interface PoolOptions {
  /** Tasks that run at once. */
  concurrency: number
  /** Tasks that may wait for a place. */
  maxWaiting: number
  /** Said to whoever comes when nobody more may wait. */
  refusal: string
  retryAfterSeconds: number
}

/** Runs a task when it is its turn. @throws {ForgeError} unavailable when too many are waiting already */
export type Pool = <T>(task: () => Promise<T>) => Promise<T>

/** Runs a few tasks at once, the others in the order in which they came. */
export function createPool({ concurrency, maxWaiting, refusal, retryAfterSeconds }: PoolOptions): Pool {
  const waiting: (() => void)[] = []
  let running = 0

  return async (task) => {
    if (running < concurrency) running += 1
    else if (waiting.length >= maxWaiting) throw new ForgeError('unavailable', refusal, { retryAfterSeconds })
    // Whoever leaves hands over the place, so `running` does not change.
    else await new Promise<void>((proceed) => waiting.push(proceed))

    try {
      return await task()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}
