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
  return { ...common, ...ownOf(sso, row) }
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
function ownOf(sso: Sso, row: ProviderRow) {
  const { type } = row
  if (type === 'saml') {
    const saml = ownSettings(row, type)
    return { type, saml, certificates: saml.certificates.map(describeCertificate), addresses: samlAddresses(sso, row) }
  }
  const secrets = openSecrets(sso.vault, row)
  const hasSecret = secrets?.clientSecret !== undefined
  return { type, oidc: ownSettings(row, type), hasSecret, addresses: oidcAddresses(sso, row) }
}
