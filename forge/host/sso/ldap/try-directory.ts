import type { LdapFault, LdapMiss, LdapTrial } from '../../../contract/ldap.ts'
import type { Provider } from '../../../contract/sso.ts'
import type { Proved } from '../identities.ts'
import type { ProviderRow } from '../model.ts'
import { findProviderOf } from '../find-provider.ts'
import { getProvider } from '../providers.ts'
import { recordTest } from '../try-provider.ts'
import type { Directory } from './directory.ts'
import { detailOf, DirectoryFault } from './fault.ts'
import type { Ldap } from './ldap.ts'
import { proofOf } from './proof.ts'

type Outcome =
  { proved: Proved; claims: Record<string, unknown> } | { error: LdapFault | LdapMiss; detail?: string | undefined }

/**
 * Looks somebody up as a sign-in would, and writes down what would come of it, or which step failed. Signs nobody in.
 * @throws {ForgeError} not_found, unavailable when too many wait already
 */
export async function tryDirectory(ldap: Ldap, providerId: string, trial: LdapTrial): Promise<Provider> {
  const provider = await findProviderOf(ldap.sessions.store, providerId, 'ldap')
  const outcome = await ldap.directories
    .ask(provider, (directory) => lookUp(provider, directory, trial))
    .catch((error: unknown): Outcome => {
      if (!(error instanceof DirectoryFault)) throw error
      return { error: error.problem, detail: detailOf(error) }
    })
  await recordTest(ldap, provider, outcome)
  return getProvider(ldap, providerId)
}

async function lookUp(
  provider: ProviderRow,
  directory: Directory,
  { username, password }: LdapTrial,
): Promise<Outcome> {
  const [person, another] = await directory.find(username)
  if (!person) return { error: 'ldap_nobody' }
  if (another) return { error: 'ldap_several', detail: [person.dn, another.dn].join(' · ') }
  if (person.isDisabled) return { error: 'ldap_disabled', detail: person.dn }

  if (password !== undefined) {
    if (!(await directory.accepts(person.dn, password))) return { error: 'ldap_password', detail: person.dn }
    await directory.rebind()
  }
  const proved = await proofOf(provider, directory, { ...person, groups: await directory.groupsOf(person) })
  return { proved, claims: { dn: person.dn, ...person.attributes } }
}
