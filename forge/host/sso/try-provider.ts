import type { LdapFault, LdapMiss } from '../../contract/ldap.ts'
import type { ProviderTest, SsoProblem } from '../../contract/sso.ts'
import { rolesFromGroups } from './groups.ts'
import { findAccount, type Proved } from './identities.ts'
import { managedTeams } from './memberships.ts'
import type { ProviderRow } from './model.ts'
import { SsoRefusal } from './refusal.ts'
import { settingsOf } from './settings.ts'
import type { Sso } from './sso.ts'

/** Of no use to a reader, or of use to a thief. */
const HIDDEN = new Set(['nonce', 'at_hash', 'c_hash', 's_hash', 'sid', 'jti'])

/** Writes down what would come of claims, for the page of the provider. Signs nobody in and changes nothing else. */
export async function recordTest(
  sso: Sso,
  provider: ProviderRow,
  outcome:
    | { proved: Proved; claims: Record<string, unknown> }
    | { error: SsoProblem | LdapFault | LdapMiss; detail?: string | undefined },
): Promise<void> {
  const nothing = { claims: {}, person: null, groups: [], roles: [], ignored: [] }
  const at = new Date().toISOString()
  const test: ProviderTest =
    'error' in outcome
      ? { at, error: outcome.error, ...(outcome.detail ? { detail: outcome.detail } : {}), ...nothing }
      : { at, error: null, ...(await wouldBe(sso, provider, outcome.proved)), claims: shown(outcome.claims) }
  await sso.sessions.store.Provider.update({ lastTest: JSON.stringify(test) }, { where: { id: provider.id } })
}

async function wouldBe({ sessions: { store } }: Sso, provider: ProviderRow, proved: Proved) {
  const teams = await managedTeams(store, provider.id)
  const groups = proved.groups ?? []
  const mapped = rolesFromGroups(groups, settingsOf(provider).groups, teams)
  const { username, name, email, emailVerified } = proved

  return {
    person: { username, name, email, emailVerified, account: await accountOf(store, provider, proved) },
    groups,
    roles: mapped.teams.flatMap(({ teamId, role, overrides }) => {
      const team = teams.find(({ id }) => id === teamId)
      const inTeam = { team: team?.slug ?? teamId, application: null, role }
      const inApplications = [...overrides].map(([id, overrideRole]) => ({
        team: inTeam.team,
        application: team?.applications.find((each) => each.id === id)?.name ?? id,
        role: overrideRole,
      }))
      return [inTeam, ...inApplications]
    }),
    ignored: mapped.ignored,
  }
}

async function accountOf(store: Sso['sessions']['store'], provider: ProviderRow, proved: Proved) {
  try {
    const { how } = await findAccount(store, provider, proved)
    return ({ linked: 'linked', email: 'by_email', created: 'new' } as const)[how]
  } catch (error) {
    if (error instanceof SsoRefusal) return 'refused' as const
    throw error
  }
}

function shown(claims: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(claims).filter(([name]) => !HIDDEN.has(name)))
}
