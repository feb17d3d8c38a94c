import { expect, it } from 'vitest'

import { listTargets } from '../../../frontend/domain/reach.ts'
import { riskOf } from '../../../frontend/domain/risk.ts'
import { TARGETS } from '../support/samples.ts'

const targets = listTargets(TARGETS)
const at = (...keys: string[]) => targets.filter(({ key }) => keys.includes(key))
const safe = { targets, chosen: at('instance:i1'), role: 'viewer', readOnly: true, endless: false, days: 30 } as const

it.each([
  ['low', {}, 0],
  ['medium', { endless: true, days: null }, 1],
  ['medium', { days: 181 }, 1],
  ['medium', { role: 'member', readOnly: false }, 1],
  ['medium', { chosen: at('application:a1') }, 1],
  ['high', { role: 'owner', readOnly: false }, 2],
  ['high', { role: 'member', readOnly: false, endless: true, days: null }, 3],
  ['high', { role: 'member', readOnly: false, chosen: at('instance:i3') }, 2],
  ['low', { role: 'owner', readOnly: true, chosen: at('instance:i3') }, 0],
] as const)('is %s for %o', (level, changes, reasons) => {
  const risk = riskOf({ ...safe, ...changes })
  expect([risk.level, risk.reasons.length]).toEqual([level, reasons])
})
