import { SSO_FRESHNESS_DAYS, type TokenPolicy } from '../contract/policy.ts'
import type { SsoStanding } from '../directory/directory.ts'

const DAY_MS = 86_400_000

/** How old the last sign-in through the provider may be. */
export function freshnessDays(policy: TokenPolicy): number {
  return policy.ssoFreshnessDays ?? SSO_FRESHNESS_DAYS
}

/** Until when tokens go on in the team without another sign-in, epoch ms; null when they wait for one already. */
export function freshUntil({ signedInAt }: Pick<SsoStanding, 'signedInAt'>, policy: TokenPolicy): number | null {
  return signedInAt === null ? null : signedInAt + freshnessDays(policy) * DAY_MS
}
