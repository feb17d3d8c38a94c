import type { TokenPolicy } from './policy.ts'

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
