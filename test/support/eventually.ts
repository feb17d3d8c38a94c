import { vi } from 'vitest'

/** Waits until a check passes: at once on an idle machine, and for as long as it takes on a busy one. */
export function eventually<Result>(check: () => Result | Promise<Result>): Promise<Result> {
  return vi.waitFor(check, { timeout: 20_000, interval: 20 })
}
