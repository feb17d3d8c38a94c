import type { RotateToken } from '@contract/token.ts'
import { t } from '../messages/messages.ts'

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
    label: t.graceWords.whenTheNewOne,
    about: t.graceWords.after24HoursAt,
    input: { untilFirstUse: true, graceMinutes: LONGEST_MINUTES },
  },
  {
    key: 'quarter',
    label: t.graceWords.after15Minutes,
    about: t.graceWords.timeToPasteThe,
    input: { graceMinutes: 15 },
  },
  { key: 'hour', label: t.graceWords.after1Hour, about: t.graceWords.timeForAFew, input: { graceMinutes: 60 } },
  {
    key: 'day',
    label: t.graceWords.after24Hours,
    about: t.graceWords.forATokenThat,
    input: { graceMinutes: LONGEST_MINUTES },
  },
  {
    key: 'now',
    label: t.graceWords.atOnce,
    about: t.graceWords.whateverUsesItIs,
    input: { graceMinutes: 0 },
  },
]
