import type { LdapCheck } from '../../contract/ldap.ts'
import type { Provider } from '../../contract/sso.ts'
import type { ProviderRow } from './model.ts'
import { oidcAddresses } from './oidc/addresses.ts'
import { samlAddresses } from './saml/addresses.ts'
import { describeCertificate } from './saml/certificates.ts'
import { openSecrets, ownSettings, settingsOf, testOf } from './settings.ts'
import type { Sso } from './sso.ts'

/** A provider as administrators see it: without its secrets. */
export async function presentProvider(sso: Sso, row: ProviderRow): Promise<Provider> {
  const { id, name, enabled, source, createdAt } = row
  const { groups, provisionUsers, exposeGroups } = settingsOf(row)
  const common = {
    id,
    name,
    enabled,
    source,
    ...(await reachOf(sso, id)),
    groups,
    provisionUsers,
    exposeGroups,
    lastTest: testOf(row),
    createdAt: createdAt.toISOString(),
  }
  return { ...common, ...(await ownOf(sso, row)) }
}

async function reachOf({ sessions: { store } }: Sso, providerId: string) {
  const [domains, managed] = await Promise.all([
    store.Domain.findAll({ where: { providerId }, order: ['domain'] }),
    store.ProviderTeam.findAll({ where: { providerId } }),
  ])
  const teams = await store.Team.findAll({ where: { id: managed.map(({ teamId }) => teamId) }, order: ['slug'] })
  return { domains: domains.map(({ domain }) => domain), teams: teams.map(({ slug }) => slug) }
}

/** What is shown of a provider of its type alone. */
async function ownOf(sso: Sso, row: ProviderRow) {
  const { type } = row
  const secrets = openSecrets(sso.vault, row)
  switch (type) {
    case 'oidc': {
      const hasSecret = secrets?.clientSecret !== undefined
      return { type, oidc: ownSettings(row, type), hasSecret, addresses: oidcAddresses(sso, row) }
    }
    case 'saml': {
      const saml = ownSettings(row, type)
      const certificates = saml.certificates.map(describeCertificate)
      return { type, saml, certificates, addresses: samlAddresses(sso, row) }
    }
    case 'ldap': {
      const hasSecret = secrets?.bindPassword !== undefined
      return { type, ldap: ownSettings(row, type), hasSecret, lastCheck: await lastCheckOf(sso, row) }
    }
  }
}

async function lastCheckOf({ sessions: { store } }: Sso, { id }: ProviderRow): Promise<LdapCheck | null> {
  const row = await store.DirectoryCheck.findByPk(id)
  return row && { at: row.checkedAt.toISOString(), ...(JSON.parse(row.outcome) as Omit<LdapCheck, 'at'>) }
}
