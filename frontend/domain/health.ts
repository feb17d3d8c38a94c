import { ROLE_LEVELS } from '@contract/role-levels.ts'
import type { Role } from '@contract/role.ts'
import type { Token, UpdateToken } from '@contract/token.ts'

import { DAY_MS } from './dates.ts'
import { isLive } from './life.ts'
import { includedIn, keyOf, type Target } from './reach.ts'
import { isUnused } from './token-list.ts'
import { worthOf } from './worth.ts'

/** What makes a token more dangerous than it need be. */
export type Finding =
  'writes-production' | 'endless' | 'unused-long' | 'unused' | 'destroys' | 'old' | 'grows' | 'broad' | 'over-cap'

/** What one click does about it: a narrower token, or a page on which the person goes on. */
export type Fix = { kind: 'change'; change: UpdateToken } | { kind: 'replace' } | { kind: 'edit' } | { kind: 'revoke' }

export interface HealthFinding {
  finding: Finding
  /** Taken off a hundred. */
  points: number
  fix: Fix
}

export interface Health {
  /** 100 for nothing to mend, and less for each finding. */
  score: number
  findings: HealthFinding[]
}

const OLD_DAYS = 180
const LONG_UNUSED_DAYS = 90
const BROAD_INSTANCES = 10
const PROPOSED_DAYS = 90

const POINTS: Record<Finding, number> = {
  'writes-production': 30,
  endless: 25,
  'unused-long': 35,
  unused: 20,
  destroys: 15,
  old: 10,
  grows: 10,
  broad: 10,
  'over-cap': 5,
}

export type Grade = 'good' | 'fair' | 'poor'
export const gradeOf = (score: number): Grade => (score >= 80 ? 'good' : score >= 50 ? 'fair' : 'poor')

/** What a token that works could do without. @param now epoch ms */
export function healthOf(token: Token, targets: readonly Target[], now: number): Health {
  if (!isLive(token)) return { score: 100, findings: [] }

  const findings = FINDERS.flatMap((find) => find({ token, now, ...placesOf(token, targets) }) ?? []).map(
    ({ finding, fix }) => ({ finding, fix, points: POINTS[finding] }),
  )
  const lost = findings.reduce((sum, { points }) => sum + points, 0)
  return { score: Math.max(0, 100 - lost), findings }
}

interface Facts {
  token: Token
  now: number
  /** The instances that it reaches today. */
  instances: Target[]
  byKey: ReadonlyMap<string, Target>
  /** The shortest of the longest lives that its teams allow, in days. */
  mostDays: number
}

function placesOf(token: Token, targets: readonly Target[]): Pick<Facts, 'instances' | 'byKey' | 'mostDays'> {
  const named = new Set(token.grants.map(keyOf))
  const reached = targets.filter((each) => named.has(each.key) || includedIn(each, named) !== null)
  return {
    instances: reached.filter(({ type }) => type === 'instance'),
    byKey: new Map(targets.map((each) => [each.key, each])),
    mostDays: Math.min(PROPOSED_DAYS, ...reached.map(({ team }) => team.policy.maxLifetimeDays)),
  }
}

type Found = { finding: Finding; fix: Fix } | null
const change = (finding: Finding, input: UpdateToken): Found => ({ finding, fix: { kind: 'change', change: input } })

/** In the order of their weight: the first one is what to mend first. */
const FINDERS: readonly ((facts: Facts) => Found)[] = [
  ({ token, instances }) =>
    mayWrite(token, 'member') && instances.some(({ production }) => production)
      ? change('writes-production', { readOnly: true })
      : null,
  ({ token, now }) =>
    isUnused(token, now)
      ? { finding: unusedDays(token, now) >= LONG_UNUSED_DAYS ? 'unused-long' : 'unused', fix: { kind: 'revoke' } }
      : null,
  ({ token, now, mostDays }) =>
    token.expiresAt === null ? change('endless', { expiresAt: new Date(now + mostDays * DAY_MS).toISOString() }) : null,
  ({ token }) => (mayWrite(token, 'owner') ? change('destroys', { role: 'member' }) : null),
  ({ token, now }) =>
    token.state === 'active' && now - Date.parse(token.createdAt) >= OLD_DAYS * DAY_MS
      ? { finding: 'old', fix: { kind: 'replace' } }
      : null,
  ({ token, instances }) => {
    if (token.grants.every(({ type }) => type === 'instance') || instances.length === 0) return null
    if (instances.length > 100) return { finding: 'grows', fix: { kind: 'edit' } }
    return change('grows', { grants: instances.map(({ id }) => ({ type: 'instance' as const, id })) })
  },
  ({ instances }) => (instances.length > BROAD_INSTANCES ? { finding: 'broad', fix: { kind: 'edit' } } : null),
  ({ token, byKey }) => {
    const { highest, capped } = worthOf(token, byKey)
    return capped === 'everywhere' && highest !== null ? change('over-cap', { role: highest }) : null
  },
]

const mayWrite = ({ readOnly, role }: Token, least: Role): boolean =>
  !readOnly && ROLE_LEVELS[role] >= ROLE_LEVELS[least]

const unusedDays = ({ lastUse, createdAt }: Token, now: number): number =>
  (now - Date.parse(lastUse?.at ?? createdAt)) / DAY_MS
