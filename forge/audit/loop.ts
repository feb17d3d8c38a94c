import { pause } from '../housekeeping/pause.ts'

export interface Loop {
  /** Starts no further turn, and waits for the one that runs. */
  close(): Promise<void>
}

export interface LoopOptions {
  /** Between the end of a turn and the next. */
  everyMs: number
  /** After failures the pause doubles up to this. */
  longestMs: number
  onError(error: unknown): void
}

/** Does the work again and again, never twice at once. The pauses do not keep the process alive. */
export function startLoop(work: (closing: AbortSignal) => Promise<void>, options: LoopOptions): Loop {
  const closing = new AbortController()
  const running = run(work, options, closing.signal)

  return {
    async close() {
      closing.abort()
      await running
    },
  }
}

async function run(
  work: (closing: AbortSignal) => Promise<void>,
  { everyMs, longestMs, onError }: LoopOptions,
  closing: AbortSignal,
): Promise<void> {
  let pauseMs = everyMs

  while (await pause(pauseMs, closing)) {
    try {
      await work(closing)
      pauseMs = everyMs
    } catch (error) {
      if (closing.aborted) return
      onError(error)
      pauseMs = Math.min(pauseMs * 2, longestMs)
    }
  }
}
