import type { TokenPolicy } from '../contract/policy.ts'
import { ROLE_LEVELS, type Role } from '../contract/role.ts'
import type { GrantType } from '../contract/grant.ts'

const DAY_MS = 86_400_000

/** A token as somebody wishes it, seen from one of the teams that it would reach. Times are epoch ms. */
export interface Wish {
  role: Role
  readOnly: boolean
  /** How the wish names what it reaches in this team. */
  grantTypes: GrantType[]
  expiresAt: number | null
}

/**
 * What a team's policy has against a wish, in sentences; empty when it may be. Pure. At mint, rotation and widening a
 * wish beyond the policy is refused, where at use (`decide`) the policy lowers or ends the token.
 * @param now epoch ms, the moment of minting
 */
export function objections(policy: TokenPolicy, wish: Wish, now: number): string[] {
  if (!policy.enabled) return ['it does not allow tokens']

  const latest = now + policy.maxLifetimeDays * DAY_MS
  const foreign = wish.grantTypes.find((type) => !policy.grantTypes.includes(type))

  return [
    ROLE_LEVELS[wish.role] > ROLE_LEVELS[policy.maxRole] && `it allows no more than the role ${policy.maxRole}`,
    policy.readOnlyOnly && !wish.readOnly && 'it allows read-only tokens alone',
    foreign !== undefined && `it does not allow a token to reach ${WHOLE[foreign]}`,
    wish.expiresAt === null && !policy.allowNoExpiry && 'it wants every token to end some day',
    wish.expiresAt !== null &&
      wish.expiresAt > latest &&
      `it wants tokens to end within ${policy.maxLifetimeDays} days, by ${new Date(latest).toISOString()}`,
  ].filter((objection) => objection !== false)
}

const WHOLE: Record<GrantType, string> = {
  instance: 'single instances',
  application: 'a whole application',
  team: 'the whole team',
}
