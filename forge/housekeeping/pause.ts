import { setTimeout as sleep } from 'node:timers/promises'

/** Waits, without keeping the process alive. @returns false as soon as `closing` is aborted */
export async function pause(ms: number, closing: AbortSignal): Promise<boolean> {
  return sleep(ms, true, { signal: closing, ref: false }).catch(() => false)
}
