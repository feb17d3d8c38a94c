import { randomUUID } from 'node:crypto'

import type { LdapLogin } from '../../../contract/ldap.ts'
import type { SsoProblem } from '../../../contract/sso.ts'
import { ForgeError } from '../../../errors/forge-error.ts'
import type { Attempt } from '../../sessions/attempt-limit.ts'
import type { Proved } from '../identities.ts'
import type { ProviderRow } from '../model.ts'
import { ownSettings } from '../settings.ts'
import type { Directory } from './directory.ts'
import type { DirectoryPerson } from './entry.ts'
import { DirectoryFault } from './fault.ts'
import type { Ldap } from './ldap.ts'
import { proofOf } from './proof.ts'

/**
 * What the directory proves of whoever knows a user name and its password there. That nobody has the name, or several
 * have, or that they are disabled costs what a wrong password costs, and is answered with the same words.
 * @throws {ForgeError} invalid_login, too_many_requests, unavailable
 */
export async function provePassword(
  ldap: Ldap,
  provider: ProviderRow,
  { username, password, address }: LdapLogin & { address: string },
): Promise<Proved> {
  const attempt = await ldap.attempts.begin(`${provider.id} ${username.trim()}`, address)
  const proved = await ldap.directories
    .ask(provider, (directory) => prove({ ldap, provider, directory, address }, { username, password }))
    .catch(async (error: unknown) => {
      await attempt.takeBack() // what could not be looked at is no wrong password
      throw whyNot(ldap, provider, error)
    })
  if (!proved) throw invalidLogin()
  await attempt.takeBack()
  return proved
}

interface Asking {
  ldap: Ldap
  provider: ProviderRow
  directory: Directory
  address: string
}

async function prove(asking: Asking, { username, password }: LdapLogin): Promise<Proved | null> {
  const { provider, directory } = asking
  const found = await directory.find(username)
  const person = found.length === 1 && found[0] ? found[0] : null
  const attempt = person && (await beginFor(asking, person))

  // Whoever is not there is looked for all the same, so that it takes as long.
  const dn = person && attempt ? person.dn : nobodyIn(provider)
  const accepted = await directory.accepts(dn, password).catch(async (error: unknown) => {
    await attempt?.takeBack()
    throw error
  })
  if (!accepted || !person || person.isDisabled) return null
  await attempt?.takeBack()

  await directory.rebind()
  return proofOf(provider, directory, { ...person, groups: await directory.groupsOf(person) })
}

/**
 * One entry may be found by many spellings, so attempts are counted for the entry too; null when there were too many.
 * That is not said, since it would say that the entry is there.
 */
async function beginFor({ ldap, provider, address }: Asking, { dn }: DirectoryPerson): Promise<Attempt | null> {
  try {
    return await ldap.attempts.begin(`${provider.id} entry ${dn.toLowerCase()}`, address)
  } catch (error) {
    if (error instanceof ForgeError && error.code === 'too_many_requests') return null
    throw error
  }
}

function nobodyIn(provider: ProviderRow): string {
  const { usernameAttribute, baseDn } = ownSettings(provider, 'ldap')
  return `${usernameAttribute}=${randomUUID()},${baseDn}`
}

function whyNot({ log }: Ldap, { name }: ProviderRow, error: unknown): unknown {
  if (!(error instanceof DirectoryFault)) return error
  log.warn({ provider: name, problem: error.problem, err: error.cause }, 'a directory could not be asked')
  return new ForgeError('unavailable', `${name} does not answer right now. Try again in a few minutes.`, {
    cause: error,
    retryAfterSeconds: 30,
  })
}

const invalidLogin = () => new ForgeError('invalid_login', 'The user name or the password is wrong.')

/** Why somebody who is who they say has no way in: said to who has proved it alone. */
export function refusalFor(problem: SsoProblem, provider: string): ForgeError {
  return new ForgeError('forbidden', SENTENCES[problem]?.(provider) ?? `${provider} did not let you through.`)
}

const SENTENCES: Partial<Record<SsoProblem, (provider: string) => string>> = {
  email_not_verified: (provider) => `${provider} has no e-mail address for you that is yours alone.`,
  foreign_domain: (provider) => `${provider} does not vouch for the domain of your e-mail address here.`,
  account_taken: () => 'The account with your e-mail address belongs to somebody else. Ask an administrator.',
  no_account: () => 'You have no account here. Ask an administrator for one.',
  suspended: () => 'This account is suspended. Ask an administrator.',
  disabled: (provider) => `Nobody can sign in through ${provider} at the moment.`,
}
