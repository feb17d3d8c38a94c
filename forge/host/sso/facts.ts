import type { HostFacts, SsoStanding } from '../../directory/directory.ts'
import type { RawTime } from '../../sql/rows.ts'
import { toEpochMs } from '../../sql/time.ts'
import { groupsAbout } from './groups.ts'
import { settingsOf } from './settings.ts'

/** Joins, to a team `t`, its provider `p`, and a person's identity `si` there: whose, the statement goes on to say. */
export const SSO_OF_TEAM = `
  LEFT JOIN sso_teams st ON st.team_id = t.id
  LEFT JOIN sso_providers p ON p.id = st.provider_id
  LEFT JOIN sso_identities si ON si.provider_id = st.provider_id`

/** The provider of the team `$1`. */
export const PROVIDER_OF_TEAM =
  'SELECT p.id, p.name FROM sso_teams st JOIN sso_providers p ON p.id = st.provider_id WHERE st.team_id = $1'

export interface SsoRow {
  /** Null for a team that no provider manages. */
  providerId: string | null
  providerName: string
  signedInAt: RawTime | null
}

export interface SsoFactsRow extends SsoRow {
  providerSettings: string
  authTime: RawTime | null
  amr: string | null
  /** Null for who has never come through the provider. */
  groupsJson: string | null
}

export function ssoStanding({ providerId, providerName, signedInAt }: SsoRow): SsoStanding | null {
  if (providerId === null) return null
  return {
    provider: { id: providerId, name: providerName },
    signedInAt: signedInAt === null ? null : toEpochMs(signedInAt),
  }
}

/** @param slug of the team whose instances ask: they learn of no other team's groups */
export function ssoFacts(row: SsoFactsRow, slug: string): NonNullable<HostFacts['sso']> | null {
  const standing = ssoStanding(row)
  if (!standing) return null

  const { groups: mapping, exposeGroups } = settingsOf({ settings: row.providerSettings })
  const groups = JSON.parse(row.groupsJson ?? '[]') as string[]
  return {
    ...standing,
    authTime: row.authTime === null ? null : toEpochMs(row.authTime),
    amr: row.amr?.split(' ') ?? [],
    groups: exposeGroups ? groupsAbout(groups, mapping, slug) : null,
  }
}
