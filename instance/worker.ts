import { ForgeUnavailableError } from './forge-api.ts'

/** Does one piece of work at a time, and again after a while for as long as it fails. */
export interface Worker {
  /** Something is to be done. While the work is failing, it waits for its turn. */
  wake(): void
  /** The same, at once: there is reason to believe that it will not fail now. Settles when it was tried. */
  hurry(): Promise<void>
  close(): void
}

const FIRST_RETRY_MS = 1_000
const MAX_RETRY_MS = 30_000

/**
 * @param work must bear being done once more than necessary
 * @param report gets each failure, and null after each success
 */
export function createWorker(work: () => Promise<void>, report: (error: unknown) => void): Worker {
  let running: Promise<void> | null = null
  let asked = false
  let failures = 0
  let closed = false
  const goesOn = () => asked && failures === 0 && !closed
  let timer: NodeJS.Timeout | undefined

  async function run(): Promise<void> {
    do {
      asked = false
      try {
        await work()
        failures = 0
        report(null)
      } catch (error) {
        failures++
        if (closed) return
        report(error)
        timer = setTimeout(() => void start(), retryMs(error, failures))
        timer.unref()
      }
    } while (goesOn())
  }

  function start(): Promise<void> {
    clearTimeout(timer)
    if (closed) return Promise.resolve()
    running ??= run().finally(() => {
      running = null
    })
    return running
  }

  return {
    wake: () => {
      asked = true
      if (failures === 0) void start()
    },
    hurry: async () => {
      asked = true
      failures = 0
      await start()
    },
    close: () => {
      closed = true
      clearTimeout(timer)
    },
  }
}

/** Half of it is chance, so that instances that lost the forge together do not come back together. */
function retryMs(error: unknown, failures: number): number {
  const limit = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), MAX_RETRY_MS)
  const asked = error instanceof ForgeUnavailableError && failures > 1 ? error.retryAfterSeconds * 1000 : 0
  return Math.max(limit / 2 + (Math.random() * limit) / 2, Math.min(asked, MAX_RETRY_MS))
}
