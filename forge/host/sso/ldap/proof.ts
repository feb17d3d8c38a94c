import type { Proved } from '../identities.ts'
import type { ProviderRow } from '../model.ts'
import { ownSettings } from '../settings.ts'
import type { Directory } from './directory.ts'
import type { DirectoryPerson } from './entry.ts'
import { DirectoryFault } from './fault.ts'

/** Where the ids of people come from; the provider is part of the link anyhow. */
export const issuerOf = (provider: ProviderRow) => `ldap:${ownSettings(provider, 'ldap').idAttribute.toLowerCase()}`

/**
 * What a directory proves of somebody. Their address counts as verified only while nobody else there has it: where people
 * write their own entries, one could write another's address into it.
 * @throws {DirectoryFault} ldap_no_id and what asking throws
 */
export async function proofOf(
  provider: ProviderRow,
  directory: Directory,
  person: DirectoryPerson & { groups: string[] },
): Promise<Proved> {
  const { id, username, name, email, groups } = person
  if (id === null) throw new DirectoryFault('ldap_no_id')

  return {
    issuer: issuerOf(provider),
    subject: id,
    username,
    name,
    email,
    emailVerified: email !== null && (await directory.countMail(email)) === 1,
    groups,
    authTime: Date.now(),
    amr: ['pwd'],
  }
}
