import type { Role } from './role.ts'
import { ROLE_LEVELS } from './role-levels.ts'

/** What makes a token more dangerous than it need be, in the order in which it is best mended. */
export const FINDINGS = [
  'writes-production',
  'unused-long',
  'unused',
  'endless',
  'destroys',
  'several-networks',
  'several-clients',
  'old',
  'grows',
  'broad',
  'over-cap',
] as const
export type Finding = (typeof FINDINGS)[number]

/** What is looked at. Times are epoch ms. */
export interface HealthFacts {
  role: Role
  readOnly: boolean
  createdAt: number
  expiresAt: number | null
  lastUsedAt: number | null
  /** A new one has taken its place, and it works on only for a grace. */
  replaced: boolean
  /** It names an application or a team, and so instances that do not exist yet. */
  grows: boolean
  /** How many instances it reaches today. */
  instances: number
  /** One of them is marked production. */
  production: boolean
  /** What its holder may be at most where it reaches; null for nothing. */
  holderRole: Role | null
  /** From how many networks, and by how many clients, it was used lately; absent where nobody has looked. */
  networks?: number | undefined
  clients?: number | undefined
}

const DAY_MS = 86_400_000
const OLD_DAYS = 180
const UNUSED_DAYS = 30
const LONG_UNUSED_DAYS = 90
const BROAD_INSTANCES = 10
/** A laptop is at home and at work; from a third network on it may be two people. */
const MANY_NETWORKS = 3

const POINTS: Record<Finding, number> = {
  'writes-production': 30,
  'unused-long': 35,
  unused: 20,
  endless: 25,
  destroys: 15,
  'several-networks': 10,
  'several-clients': 10,
  old: 10,
  grows: 10,
  broad: 10,
  'over-cap': 5,
}

const HOLDS: Record<Finding, (facts: HealthFacts, now: number) => boolean> = {
  'writes-production': (facts) => facts.production && mayWrite(facts, 'member'),
  'unused-long': (facts, now) => unusedDays(facts, now) >= LONG_UNUSED_DAYS,
  unused: (facts, now) => unusedDays(facts, now) >= UNUSED_DAYS && unusedDays(facts, now) < LONG_UNUSED_DAYS,
  endless: ({ expiresAt }) => expiresAt === null,
  destroys: (facts) => mayWrite(facts, 'owner'),
  'several-networks': ({ networks = 0 }) => networks >= MANY_NETWORKS,
  'several-clients': ({ clients = 0 }) => clients > 1,
  old: ({ replaced, createdAt }, now) => !replaced && now - createdAt >= OLD_DAYS * DAY_MS,
  grows: ({ grows, instances }) => grows && instances > 0,
  broad: ({ instances }) => instances > BROAD_INSTANCES,
  'over-cap': ({ holderRole, role }) => holderRole !== null && ROLE_LEVELS[holderRole] < ROLE_LEVELS[role],
}

/** What a token that works could do without. @param now epoch ms */
export const findingsOf = (facts: HealthFacts, now: number): Finding[] =>
  FINDINGS.filter((finding) => HOLDS[finding](facts, now))

/** 100 for nothing to mend, and less for each finding. */
export const scoreOf = (findings: readonly Finding[]): number =>
  Math.max(0, 100 - findings.reduce((sum, finding) => sum + POINTS[finding], 0))

/** That of a team is the mean of its tokens; null for none. */
export const meanScore = (scores: readonly number[]): number | null =>
  scores.length === 0 ? null : Math.floor(scores.reduce((sum, score) => sum + score, 0) / scores.length)

const mayWrite = ({ readOnly, role }: HealthFacts, least: Role): boolean =>
  !readOnly && ROLE_LEVELS[role] >= ROLE_LEVELS[least]

const unusedDays = ({ lastUsedAt, createdAt }: HealthFacts, now: number): number =>
  (now - (lastUsedAt ?? createdAt)) / DAY_MS
