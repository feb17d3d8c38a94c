import { Op } from 'sequelize'

import type { LdapCheck } from '../../../contract/ldap.ts'
import type { IdentityRow, ProviderRow } from '../model.ts'
import { endAccess, followGroups, groupsIn, type Looked, type Origin } from './check-effects.ts'
import type { Directory } from './directory.ts'
import type { DirectoryPerson } from './entry.ts'
import { detailOf, DirectoryFault } from './fault.ts'
import type { Ldap } from './ldap.ts'
import { issuerOf } from './proof.ts'

/** People who are looked for over one connection, for whose groups it may have to be asked one by one. */
const PAGE = 25

/** So many people are not all gone at once: then the directory is another one, or shows less. */
const SEVERAL = 3

/**
 * Looks whether the people who came through a directory are still there, and in which groups. Whoever is gone or disabled
 * loses access, and roles follow the groups. A directory that can't be asked, or answers as no directory with people in
 * it would, changes nothing.
 * @returns null when it was stopped before anything was changed
 */
export async function checkPeople(
  ldap: Ldap,
  provider: ProviderRow,
  origin: Origin,
  shouldStop: () => boolean = () => false,
): Promise<LdapCheck | null> {
  const startedAt = new Date()
  const counts = { people: 0, ended: 0, changed: 0 }
  const outcome = (problem: LdapCheck['problem']): LdapCheck => ({ at: startedAt.toISOString(), problem, ...counts })

  try {
    const looked = await lookAtAll(ldap, provider, shouldStop)
    if (looked === null) return null
    counts.people = looked.length
    if (await isSuspicious(ldap, provider, looked)) return outcome('ldap_suspicious')

    for (const each of looked) {
      const concerned = { provider, origin, startedAt, ...each }
      if (each.standing === 'there') counts.changed += Number(await followGroups(ldap, concerned))
      else counts.ended += Number(await endAccess(ldap, concerned))
    }
    return outcome(null)
  } catch (error) {
    if (!(error instanceof DirectoryFault)) throw error
    ldap.log.warn(
      { provider: provider.name, problem: error.problem, detail: detailOf(error) },
      'the people of a directory could not be looked at',
    )
    return outcome(error.problem)
  }
}

/** All before the first change, since only all of them together tell a directory that is not itself. */
async function lookAtAll(ldap: Ldap, provider: ProviderRow, shouldStop: () => boolean): Promise<Looked[] | null> {
  const looked: Looked[] = []
  for (let after = ''; ; after = looked.at(-1)?.identity.userId ?? '') {
    if (shouldStop()) return null
    const page = await nextPage(ldap, provider, after)
    if (page.length > 0) looked.push(...(await lookAt(ldap, provider, page)))
    if (page.length < PAGE) return looked
  }
}

/** Whose sign-in counts: of everybody else nothing is left to end. */
function nextPage({ sessions: { store } }: Ldap, { id }: ProviderRow, after: string): Promise<IdentityRow[]> {
  const where = { providerId: id, userId: { [Op.gt]: after }, signedInAt: { [Op.ne]: null } }
  return store.Identity.findAll({ where, order: ['userId'], limit: PAGE })
}

async function lookAt(ldap: Ldap, provider: ProviderRow, page: IdentityRow[]): Promise<Looked[]> {
  const issuer = issuerOf(provider)
  const ids = page.filter((identity) => identity.issuer === issuer).map(({ subject }) => subject)

  return ldap.directories.ask(provider, async (directory) => {
    const people = await directory.findByIds(ids)
    return Promise.all(page.map((identity) => standingOf(directory, identity, people)))
  })
}

async function standingOf(directory: Directory, identity: IdentityRow, people: DirectoryPerson[]): Promise<Looked> {
  const person = people.find(({ id }) => id === identity.subject)
  if (!person) return { identity, standing: 'gone', groups: [] }
  if (person.isDisabled) return { identity, standing: 'disabled', groups: [] }
  return { identity, standing: 'there', groups: await directory.groupsOf(person) }
}

/** Whether a directory answers as one would that was emptied, moved, or shows less than before to who asks. */
async function isSuspicious({ directories }: Ldap, provider: ProviderRow, looked: Looked[]): Promise<boolean> {
  if (looked.length === 0) return false
  if (looked.every(({ standing }) => standing === 'gone')) {
    return looked.length >= SEVERAL || !(await directories.ask(provider, (directory) => directory.showsAnyone()))
  }

  const present = looked.filter(({ standing }) => standing === 'there')
  const hadGroups = present.some(({ identity }) => groupsIn(identity).length > 0)
  const haveGroups = present.some(({ groups }) => groups.length > 0)
  return hadGroups && !haveGroups && !(await directories.ask(provider, (directory) => directory.showsAnyGroup()))
}
