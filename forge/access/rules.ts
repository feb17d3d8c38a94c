import { ROLE_LEVELS, roleFromLevel, type Role } from '../contract/role.ts'
import type { TokenPolicy } from '../contract/policy.ts'
import type { Grant } from '../contract/grant.ts'
import { TOOL_CHECKS, type JudgedTool, type ToolCheckName } from '../contract/tool.ts'
import type { SsoStanding } from '../directory/directory.ts'
import { freshnessDays, freshUntil } from './sso.ts'

const DAY_MS = 86_400_000

/** The token as the decision sees it. Times are epoch ms. */
export interface TokenFacts {
  role: Role
  readOnly: boolean
  /** Names of the tools that it is limited to; null for no such limit. */
  tools: readonly string[] | null
  grants: Grant[]
  createdAt: number
  expiresAt: number | null
  revokedAt: number | null
  /** When a token that was rotated stops; null for one that was not, or whose successor has not been used yet. */
  retiresAt: number | null
  /** The housekeeper has noted, by the database's clock, that an end has come: no other clock brings the token back. */
  endNoted: boolean
  /** The tokens that it was exchanged for, the nearest first; absent for one that was not exchanged. */
  parents?: readonly ParentFacts[]
}

/** A token that others were exchanged for. They end with it and are never worth more, whatever becomes of it. */
export type ParentFacts = { id: string } & Omit<TokenFacts, 'parents'>

/** What the instance's team says, of tokens in general and of this one. */
export interface TeamFacts {
  policy: TokenPolicy
  /** An owner has approved this token for the team's production instances. */
  approved: boolean
  /** An owner has ended this token for the team or for the instance. */
  cutOff: boolean
}

/** The world as the decision sees it: one person at one instance of one team, now. */
export interface LiveFacts extends TeamFacts {
  user: { id: string; suspended: boolean }
  team: { id: string; suspended: boolean }
  instance: { id: string; applicationId: string; production: boolean }
  teamRoleLevel: number | null
  overrideLevel: number | null
  /** Null, or absent, where no identity provider manages the team. */
  sso?: SsoStanding | null
}

export interface Question {
  token: TokenFacts
  /** Null when the person or the instance does not exist. */
  live: LiveFacts | null
  /** Present when the question is about one tool. */
  tool?: JudgedTool
  /** Epoch ms. */
  now: number
}

/** A question about a person and an instance that exist. */
export type LiveQuestion = Question & { live: LiveFacts }

/** Looks at one thing; a string says why not. */
export interface Rule<Q = Question> {
  name: RuleName
  refuse(question: Q): string | null
}

export type RuleName =
  | 'token_not_revoked'
  | 'token_not_retired'
  | 'token_not_expired'
  | 'parent_alive'
  | 'instance_exists'
  | 'instance_granted'
  | 'user_not_suspended'
  | 'team_not_suspended'
  | 'team_member'
  | 'role_in_application'
  | 'not_cut_off'
  | 'policy_enabled'
  | 'policy_grant_type'
  | 'policy_lifetime'
  | 'policy_expiry'
  | 'sso_fresh'
  | 'policy_approval'
  | ToolCheckName

/** What the token alone says, and whether there is anything to look at beyond it. */
export const TOKEN_RULES: readonly Rule[] = [
  {
    name: 'token_not_revoked',
    refuse: ({ token }) => (token.revokedAt === null ? null : 'The token was revoked.'),
  },
  {
    name: 'token_not_retired',
    refuse: ({ token, now }) =>
      token.retiresAt === null || clockFor(token, now) < token.retiresAt
        ? null
        : 'The token was replaced by a new one.',
  },
  {
    name: 'token_not_expired',
    // The moment of expiry itself is too late (RFC 7519 section 4.1.4: "on or after which").
    refuse: ({ token, now }) =>
      token.expiresAt === null || clockFor(token, now) < token.expiresAt ? null : 'The token has expired.',
  },
  {
    name: 'parent_alive',
    refuse: ({ token: { parents }, now }) =>
      parents && !parents.every((parent) => isAlive(parent, now))
        ? 'The token that it was exchanged for has ended.'
        : null,
  },
  {
    name: 'instance_exists',
    refuse: ({ live }) => (live ? null : 'The instance or the person no longer exists.'),
  },
]

/** What the person's present state and role say, and the tool where there is one. */
export const LIVE_RULES: readonly Rule<LiveQuestion>[] = [
  {
    name: 'instance_granted',
    refuse: ({ token, live }) =>
      ofBothEnds(token, ({ grants }) => grants.some((grant) => covers(grant, live)))
        ? null
        : 'The token does not reach this instance.',
  },
  {
    name: 'user_not_suspended',
    refuse: ({ live }) => (live.user.suspended ? 'The person is suspended.' : null),
  },
  {
    name: 'team_not_suspended',
    refuse: ({ live }) => (live.team.suspended ? 'The team is suspended.' : null),
  },
  {
    name: 'team_member',
    refuse: ({ live }) => (live.teamRoleLevel === null ? 'The person is no member of the team.' : null),
  },
  {
    name: 'role_in_application',
    refuse: ({ live }) => (roleFromLevel(liveLevel(live)) ? null : 'The person has no role in this application.'),
  },
  {
    name: 'not_cut_off',
    refuse: ({ live }) => (live.cutOff ? 'An owner of the team has ended this token here.' : null),
  },
  {
    name: 'policy_enabled',
    refuse: ({ live }) => (live.policy.enabled ? null : 'The team does not allow tokens.'),
  },
  {
    name: 'policy_grant_type',
    refuse: ({ token, live }) =>
      ofBothEnds(token, ({ grants }) =>
        grants.some((grant) => covers(grant, live) && live.policy.grantTypes.includes(grant.type)),
      )
        ? null
        : 'The team does not allow tokens to name what they reach in this way.',
  },
  {
    name: 'policy_lifetime',
    refuse: ({ token, live, now }) =>
      ofWholeLine(
        token,
        ({ expiresAt, createdAt }) => expiresAt === null || now < createdAt + live.policy.maxLifetimeDays * DAY_MS,
      )
        ? null
        : `The team ends tokens after ${live.policy.maxLifetimeDays} days.`,
  },
  {
    name: 'policy_expiry',
    refuse: ({ token, live }) =>
      live.policy.allowNoExpiry || ofWholeLine(token, ({ expiresAt }) => expiresAt !== null)
        ? null
        : 'The team does not allow tokens without an end.',
  },
  {
    name: 'sso_fresh',
    refuse: ({ live: { sso, policy }, now }) =>
      !sso || now < (freshUntil(sso, policy) ?? -Infinity)
        ? null
        : `The person has not signed in through ${sso.provider.name} within ${freshnessDays(policy)} days.`,
  },
  {
    name: 'policy_approval',
    refuse: ({ live }) =>
      live.instance.production && live.policy.productionNeedsApproval && !live.approved
        ? 'An owner of the team has not approved this token for production.'
        : null,
  },
  ...TOOL_CHECKS.map(({ name, refuse }): Rule<LiveQuestion> => ({
    name,
    refuse: (question) => {
      const role = question.tool && roleFromLevel(effectiveLevel(question))
      if (!question.tool || !role) return null // without a role, `role_in_application` has refused already
      const { token, live } = question
      const caller = { userId: live.user.id, role, readOnly: isReadOnly(question), tools: allowedTools(token) }
      return refuse(caller, question.tool)
    },
  })),
]

/** The person's own level at the instance: an override replaces the team role. */
export function liveLevel(live: Pick<LiveFacts, 'overrideLevel' | 'teamRoleLevel'>): number {
  return live.overrideLevel ?? live.teamRoleLevel ?? ROLE_LEVELS.none
}

/** The lowest of cap, live level and what the team's policy allows: what the token is worth at the instance now. */
export function effectiveLevel({ token, live }: Pick<LiveQuestion, 'token' | 'live'>): number {
  const level = Math.min(ROLE_LEVELS[token.role], liveLevel(live), ROLE_LEVELS[live.policy.maxRole])
  return token.parents ? Math.min(level, ...token.parents.map(({ role }) => ROLE_LEVELS[role])) : level
}

/** Read-only by its own restriction, or by the team's policy. */
export function isReadOnly({ token, live }: Pick<LiveQuestion, 'token' | 'live'>): boolean {
  return live.policy.readOnlyOnly || !ofWholeLine(token, ({ readOnly }) => !readOnly)
}

/** The tools that the token and all that it was exchanged for are limited to; null for no limit. */
export function allowedTools(token: TokenFacts): readonly string[] | null {
  const limits = lineOf(token).flatMap(({ tools }) => (tools ? [tools] : []))
  const [first, ...others] = limits
  return first ? first.filter((tool) => others.every((tools) => tools.includes(tool))) : null
}

type Link = Omit<TokenFacts, 'parents'>

/** A token with those that it was exchanged for: it is worth no more than the least of them. */
function lineOf(token: TokenFacts): readonly Link[] {
  return [token, ...(token.parents ?? [])]
}

/** Whether it holds of a token and all that it was exchanged for. */
function ofWholeLine(token: TokenFacts, holds: (link: Link) => boolean): boolean {
  return holds(token) && (token.parents?.every(holds) ?? true)
}

/**
 * Whether it holds of the token and of the one that its owner once minted or approved: both must reach an instance. Those
 * in between were each for one instance, from which the next was exchanged; where they may lead is for the first to say.
 */
function ofBothEnds(token: TokenFacts, holds: (link: Link) => boolean): boolean {
  const root = token.parents?.at(-1)
  return holds(token) && (root === undefined || holds(root))
}

function isAlive(parent: ParentFacts, now: number): boolean {
  const { revokedAt, retiresAt, expiresAt } = parent
  const clock = clockFor(parent, now)
  return revokedAt === null && (retiresAt === null || clock < retiresAt) && (expiresAt === null || clock < expiresAt)
}

/** The time that the ends of a token are held against: all are past once one was noted, also where a clock was set back. */
export function clockFor({ endNoted }: { endNoted: boolean }, now: number): number {
  return endNoted ? Infinity : now
}

interface Place {
  instance: Pick<LiveFacts['instance'], 'id' | 'applicationId'>
  team: Pick<LiveFacts['team'], 'id'>
}

/** The grants of the token that cover the instance. */
export function grantsFor({ grants }: Pick<TokenFacts, 'grants'>, place: Place): Grant[] {
  return grants.filter((grant) => covers(grant, place))
}

/** Whether the grant covers the instance: by its own id, its application's or its team's. */
export function covers({ type, id }: Grant, { instance, team }: Place): boolean {
  switch (type) {
    case 'instance':
      return id === instance.id
    case 'application':
      return id === instance.applicationId
    case 'team':
      return id === team.id
  }
}
