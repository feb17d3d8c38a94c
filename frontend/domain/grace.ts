import type { RotateToken } from '@contract/token.ts'

/** How long the old token goes on working once it is replaced. */
export interface Grace {
  key: string
  label: string
  about: string
  input: RotateToken
}

/** The longest that a grace can be, so that no old token is forgotten. */
const LONGEST_MINUTES = 1440

export const GRACES: readonly Grace[] = [
  {
    key: 'first-use',
    label: 'When the new one is first used',
    about: 'After 24 hours at the latest. Best for one program: it never stands without a token that works.',
    input: { untilFirstUse: true, graceMinutes: LONGEST_MINUTES },
  },
  {
    key: 'quarter',
    label: 'After 15 minutes',
    about: 'Time to paste the new one into a config.',
    input: { graceMinutes: 15 },
  },
  { key: 'hour', label: 'After 1 hour', about: 'Time for a few places.', input: { graceMinutes: 60 } },
  {
    key: 'day',
    label: 'After 24 hours',
    about: 'For a token that several programs use.',
    input: { graceMinutes: LONGEST_MINUTES },
  },
  {
    key: 'now',
    label: 'At once',
    about: 'Whatever uses it is refused until it has the new one. Right after a leak.',
    input: { graceMinutes: 0 },
  },
]
