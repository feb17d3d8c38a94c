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

export interface Pool {
  /** Runs a task when it is its turn. @throws {ForgeError} unavailable when too many are waiting already */
  <T>(task: () => Promise<T>): Promise<T>
  load(): PoolLoad
}

/** How busy a pool is now, and how often it has refused so far. */
export interface PoolLoad {
  running: number
  waiting: number
  refused: number
}

/** Runs a few tasks at once, the others in the order in which they came. */
export function createPool({ concurrency, maxWaiting, refusal, retryAfterSeconds }: PoolOptions): Pool {
  const waiting: (() => void)[] = []
  let running = 0
  let refused = 0

  const inTurn = async <T>(task: () => Promise<T>): Promise<T> => {
    if (running < concurrency) running += 1
    else if (waiting.length >= maxWaiting) {
      refused += 1
      throw new ForgeError('unavailable', refusal, { retryAfterSeconds })
    }
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
  return Object.assign(inTurn, { load: () => ({ running, waiting: waiting.length, refused }) })
}
