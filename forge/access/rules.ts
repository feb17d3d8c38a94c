import { ROLE_LEVELS, roleFromLevel, type Role } from '../contract/role.ts'
import { toolRequirement, type ToolHints } from '../contract/tool.ts'
import type { Grant } from '../contract/token.ts'

/** The token as the decision sees it. Times are epoch ms. */
export interface TokenFacts {
  role: Role
  readOnly: boolean
  grants: Grant[]
  expiresAt: number | null
  revokedAt: number | null
}

/** The host as the decision sees it: one person at one instance, now. */
export interface LiveFacts {
  user: { suspended: boolean }
  team: { id: string; suspended: boolean }
  instance: { id: string; applicationId: string }
  teamRoleLevel: number | null
  overrideLevel: number | null
}

export interface Question {
  token: TokenFacts
  /** Null when the person or the instance does not exist. */
  live: LiveFacts | null
  /** Present when the question is about one tool. */
  tool?: ToolHints
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
  | 'token_not_expired'
  | 'instance_exists'
  | 'instance_granted'
  | 'user_not_suspended'
  | 'team_not_suspended'
  | 'team_member'
  | 'role_in_application'
  | 'tool_role'
  | 'tool_read_only'

/** What the token alone says, and whether there is anything to look at beyond it. */
export const TOKEN_RULES: readonly Rule[] = [
  {
    name: 'token_not_revoked',
    refuse: ({ token }) => (token.revokedAt === null ? null : 'The token was revoked.'),
  },
  {
    name: 'token_not_expired',
    // The moment of expiry itself is too late (RFC 7519 section 4.1.4: "on or after which").
    refuse: ({ token, now }) => (token.expiresAt === null || now < token.expiresAt ? null : 'The token has expired.'),
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
      token.grants.some((grant) => covers(grant, live)) ? null : 'The token does not reach this instance.',
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
    name: 'tool_role',
    refuse: (question) => {
      if (!question.tool) return null
      const needed = toolRequirement(question.tool).role
      return effectiveLevel(question) >= ROLE_LEVELS[needed] ? null : `This tool needs the role ${needed}.`
    },
  },
  {
    name: 'tool_read_only',
    refuse: ({ token, tool }) =>
      tool && token.readOnly && toolRequirement(tool).writes ? 'The token is read-only and this tool is not.' : null,
  },
]

/** The person's own level at the instance: an override replaces the team role. */
export function liveLevel(live: LiveFacts): number {
  return live.overrideLevel ?? live.teamRoleLevel ?? ROLE_LEVELS.none
}

/** min(cap, live level): what the token is worth at the instance now. */
export function effectiveLevel({ token, live }: { token: TokenFacts; live: LiveFacts }): number {
  return Math.min(ROLE_LEVELS[token.role], liveLevel(live))
}

function covers(grant: Grant, live: LiveFacts): boolean {
  switch (grant.type) {
    case 'instance':
      return grant.id === live.instance.id
    case 'application':
      return grant.id === live.instance.applicationId
    case 'team':
      return grant.id === live.team.id
  }
}
