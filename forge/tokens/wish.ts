import { objections } from '../access/minting.ts'
import type { Grant } from '../contract/grant.ts'
import { higherRole, ROLE_LEVELS, type Role } from '../contract/role.ts'
import type { TokenTargets } from '../contract/targets.ts'
import { TOKEN_LIFETIME_DAYS } from '../contract/token-lifetime.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { reachOf, targetsOf } from './reach.ts'
import type { TokenStore } from './store.ts'

/** What someone wants a token to be. */
export interface TokenWish {
  role: Role
  readOnly: boolean
  /** Names of the only tools that it may call; null for no such limit. */
  tools: readonly string[] | null
  grants: readonly Grant[]
  expiresAt: Date | null
  /** For the owners who must approve it. */
  reason?: string | undefined
}

const DAY_MS = 86_400_000

/**
 * What the person may put into a grant now, with their role and the policy in each team.
 * @param providerId the identity provider that their session came through, where that matters
 */
export async function listTargets(
  { directory, policies }: TokenStore,
  ownerId: string,
  providerId: string | null = null,
): Promise<TokenTargets> {
  const memberships = await directory.memberships(ownerId)
  const teamIds = memberships.map(({ team }) => team.id)
  return targetsOf(memberships, await policies.load(teamIds), providerId)
}

/**
 * Checks a wish against the person's own roles and the policy of every team that it reaches.
 * @param now epoch ms
 * @returns the ids of the teams whose owners must approve it
 * @throws {ForgeError} invalid_expiry, not_found (a grant), sso_required, role_too_high, policy_refused, reason_required
 */
export function checkWish(targets: TokenTargets, wish: TokenWish, now: number): string[] {
  checkExpiry(wish.expiresAt, now)

  const reach = reachOf(targets, wish.grants)
  checkSignIn(reach.map(({ team }) => team))
  const held = reach.map(({ role }) => role).reduce(higherRole)
  if (ROLE_LEVELS[wish.role] > ROLE_LEVELS[held]) {
    throw new ForgeError('role_too_high', `A token can be no more than you are: your role there is ${held}.`)
  }

  const refused = reach.flatMap(({ team, grants }) => {
    const here = { grantTypes: grants.map(({ type }) => type), expiresAt: wish.expiresAt?.getTime() ?? null }
    const said = objections(team.policy, { role: wish.role, readOnly: wish.readOnly, ...here }, now)
    return said.length > 0 ? `The policy of ${team.name} refuses this: ${said.join('; ')}.` : []
  })
  if (refused.length > 0) throw new ForgeError('policy_refused', refused.join(' '))

  const approvers = reach.filter(({ team, production }) => production && team.policy.productionNeedsApproval)
  if (approvers.length > 0 && !wish.reason?.trim()) {
    const names = approvers.map(({ team }) => team.name).join(', ')
    throw new ForgeError(
      'reason_required',
      `An owner of ${names} must approve this. Give a reason that they will read.`,
    )
  }
  return approvers.map(({ team }) => team.id)
}

/** The range that holds for everyone; teams may want less. @throws {ForgeError} invalid_expiry, naming it */
export function checkExpiry(expiresAt: Date | null, now: number): void {
  if (expiresAt === null) return

  const latest = now + TOKEN_LIFETIME_DAYS.max * DAY_MS
  if (expiresAt.getTime() > now && expiresAt.getTime() <= latest) return

  throw new ForgeError(
    'invalid_expiry',
    `Choose an expiry after now and not after ${new Date(latest).toISOString()} (${TOKEN_LIFETIME_DAYS.max} days).`,
  )
}

/**
 * Tokens for a team that is reached through an identity provider are made by who came through it.
 * @throws {ForgeError} sso_required
 */
function checkSignIn(teams: TokenTargets['teams']): void {
  for (const { name, sso } of teams) {
    if (!sso || sso.thisSession) continue
    throw new ForgeError('sso_required', `${name} is reached through ${sso.provider.name} alone. Sign in there first.`)
  }
}
