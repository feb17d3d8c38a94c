import { ok, wrong, type Finding } from '../finding.ts'

/** A sign-in counts as fresh for ten minutes by the clocks of both sides. */
const SKEW_MAX_MS = 60_000

/** @param theirs and ours in epoch ms, of the same moment */
export function checkClock(whose: string, theirs: number, ours: number): Finding {
  const skew = ours - theirs
  if (Math.abs(skew) <= SKEW_MAX_MS) return ok(`The clock here agrees with that of ${whose}.`)

  const seconds = Math.round(Math.abs(skew) / 1_000)
  return wrong(
    `The clock here is ${seconds} seconds ${skew > 0 ? 'ahead of' : 'behind'} that of ${whose}.`,
    'Set it: whether somebody has just signed in, and when tokens end, is judged by it.',
  )
}
