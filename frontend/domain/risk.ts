import type { Role } from '@contract/role.ts'
import { ROLE_LEVELS } from '@contract/role-levels.ts'

import { t } from '../messages/messages.ts'
import { reachableInstances, type Target } from './reach.ts'

export type RiskLevel = 'low' | 'medium' | 'high'

export interface Risk {
  level: RiskLevel
  /** What makes it so, the gravest first. */
  reasons: string[]
}

interface Wish {
  targets: readonly Target[]
  chosen: readonly Target[]
  role: Role
  readOnly: boolean
  endless: boolean
  /** How long it lives; null for ever, or nobody knows yet. */
  days: number | null
}

const MANY_INSTANCES = 10
const LONG_DAYS = 180

/** How much harm a token could do in the wrong hands: one grave thing is high, any other is medium. */
export function riskOf({ targets, chosen, role, readOnly, endless, days }: Wish): Risk {
  const writes = !readOnly && ROLE_LEVELS[role] >= ROLE_LEVELS.member
  const instances = reachableInstances(targets, chosen).length
  const grave = [
    writes && chosen.some(({ production }) => production) && t.risk.writesProduction,
    writes && role === 'owner' && t.risk.destroys,
    writes && endless && t.risk.writesForEver,
  ]
  const slight = [
    writes && t.risk.writes,
    endless && t.risk.endless,
    chosen.some(({ type }) => type !== 'instance') && t.risk.grows,
    instances > MANY_INSTANCES && t.risk.many(instances),
    days !== null && days > LONG_DAYS && t.risk.long,
  ]
  const isTrue = (reason: string | false): reason is string => reason !== false
  const [graveReasons, slightReasons] = [grave.filter(isTrue), slight.filter(isTrue)]
  if (graveReasons.length > 0) return { level: 'high', reasons: [...graveReasons, ...slightReasons] }
  return { level: slightReasons.length > 0 ? 'medium' : 'low', reasons: slightReasons }
}
