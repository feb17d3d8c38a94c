import type { TokenPolicy } from './policy.ts'

/** How old the last sign-in may be in a team that is reached through an identity provider, and has said nothing of it. */
export const SSO_FRESHNESS_DAYS = 30

/** What holds in a team whose owners have said nothing. */
export const DEFAULT_POLICY: TokenPolicy = {
  enabled: true,
  maxLifetimeDays: 366,
  allowNoExpiry: false,
  maxRole: 'owner',
  readOnlyOnly: false,
  grantTypes: ['instance', 'application', 'team'],
  productionNeedsApproval: false,
  ssoFreshnessDays: null,
  mcpOnly: false,
}
