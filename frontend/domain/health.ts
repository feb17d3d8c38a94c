import { findingsOf, scoreOf, type Finding, type HealthFacts } from '@contract/health.ts'
import type { Token, UpdateToken } from '@contract/token.ts'

import { DAY_MS } from './dates.ts'
import { isLive } from './life.ts'
import { includedIn, keyOf, type Target } from './reach.ts'
import { worthOf } from './worth.ts'

export type { Finding }

/** What one click does about it: a narrower token, or a page on which the person goes on. */
export type Fix =
  | { kind: 'change'; change: UpdateToken }
  | { kind: 'replace' }
  | { kind: 'edit' }
  | { kind: 'duplicate' }
  | { kind: 'revoke' }

export interface HealthFinding {
  finding: Finding
  fix: Fix
}

export interface Health {
  /** 100 for nothing to mend, and less for each finding. */
  score: number
  findings: HealthFinding[]
}

/** From how many places a token was used lately, where somebody has looked. */
export type Spread = Pick<HealthFacts, 'networks' | 'clients'>

const PROPOSED_DAYS = 90
/** More cannot be named in a token. */
const MOST_GRANTS = 100

export type Grade = 'good' | 'fair' | 'poor'
export const gradeOf = (score: number): Grade => (score >= 80 ? 'good' : score >= 50 ? 'fair' : 'poor')

/** What a token that works could do without (contract/health.ts), and what mends it. @param now epoch ms */
export function healthOf(token: Token, targets: readonly Target[], now: number, spread: Spread = {}): Health {
  if (!isLive(token)) return { score: 100, findings: [] }

  const place = placeOf(token, targets)
  const findings = findingsOf({ ...factsOf(token, place), ...spread }, now)
  return {
    score: scoreOf(findings),
    findings: findings.map((finding) => ({ finding, fix: FIXES[finding]({ ...place, now }) })),
  }
}

interface Place {
  /** The instances that it reaches today. */
  instances: Target[]
  /** The most that it is worth anywhere; null for nothing. */
  worth: ReturnType<typeof worthOf>
  /** The shortest of the longest lives that its teams allow, in days. */
  mostDays: number
}

function placeOf(token: Token, targets: readonly Target[]): Place {
  const named = new Set(token.grants.map(keyOf))
  const reached = targets.filter((each) => named.has(each.key) || includedIn(each, named) !== null)
  return {
    instances: reached.filter(({ type }) => type === 'instance'),
    worth: worthOf(token, new Map(targets.map((each) => [each.key, each]))),
    mostDays: Math.min(PROPOSED_DAYS, ...reached.map(({ team }) => team.policy.maxLifetimeDays)),
  }
}

function factsOf(token: Token, { instances, worth }: Place): HealthFacts {
  const { role, readOnly, lastUse, expiresAt } = token
  return {
    role,
    readOnly,
    createdAt: Date.parse(token.createdAt),
    expiresAt: expiresAt === null ? null : Date.parse(expiresAt),
    lastUsedAt: lastUse === null ? null : Date.parse(lastUse.at),
    replaced: token.state === 'retiring',
    grows: token.grants.some(({ type }) => type !== 'instance'),
    instances: instances.length,
    production: instances.some(({ production }) => production),
    holderRole: worth.highest,
  }
}

const change = (input: UpdateToken): Fix => ({ kind: 'change', change: input })

const FIXES: Record<Finding, (place: Place & { now: number }) => Fix> = {
  'writes-production': () => change({ readOnly: true }),
  'unused-long': () => ({ kind: 'revoke' }),
  unused: () => ({ kind: 'revoke' }),
  endless: ({ now, mostDays }) => change({ expiresAt: new Date(now + mostDays * DAY_MS).toISOString() }),
  destroys: () => change({ role: 'member' }),
  'several-networks': () => ({ kind: 'replace' }),
  'several-clients': () => ({ kind: 'duplicate' }),
  old: () => ({ kind: 'replace' }),
  grows: ({ instances }) =>
    instances.length > MOST_GRANTS
      ? { kind: 'edit' }
      : change({ grants: instances.map(({ id }) => ({ type: 'instance' as const, id })) }),
  broad: () => ({ kind: 'edit' }),
  'over-cap': ({ worth }) => (worth.highest === null ? { kind: 'edit' } : change({ role: worth.highest })),
}
