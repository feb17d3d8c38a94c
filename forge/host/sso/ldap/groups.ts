import { AndFilter, NoSuchObjectError, PresenceFilter, type Client, type Entry } from 'ldapts'

import type { LdapSettings } from '../../../contract/ldap.ts'
import { asking } from './connection.ts'
import { openFilter, asText, fillFilter, nameInDn, valuesOf, type DirectoryPerson } from './entry.ts'

/** More than a person is ever in, and less than fills a table. */
const MAX_GROUPS = 2_000

export interface Asked {
  client: Client
  settings: LdapSettings
  deadline: AbortSignal
}

/** A group by its DN, with its name. */
type Groups = Map<string, string>

/** Names of the groups of somebody; with those that these are in, where that is wanted. @throws {DirectoryFault} */
export async function groupsOf(asked: Asked, person: DirectoryPerson): Promise<string[]> {
  const { nestedGroups } = asked.settings
  const found = await directGroups(asked, person)
  // A group that is in itself, over however many others, is met once.
  if (nestedGroups) for (const [dn] of found) await addParents(asked, dn, found)
  return [...new Set(found.values())].filter((name) => name !== '').slice(0, MAX_GROUPS)
}

async function directGroups(asked: Asked, { dn, username, memberOf }: DirectoryPerson): Promise<Groups> {
  return asked.settings.groupsFrom === 'memberOf'
    ? new Map(memberOf.map((group) => [group, nameInDn(group)]))
    : searchGroups(asked, { dn, username })
}

async function addParents(asked: Asked, dn: string, found: Groups): Promise<void> {
  if (found.size >= MAX_GROUPS) return
  const parents =
    asked.settings.groupsFrom === 'memberOf'
      ? await memberOfGroup(asked, dn)
      : await searchGroups(asked, { dn, username: dn })
  for (const [parent, name] of parents) if (!found.has(parent)) found.set(parent, name)
}

async function memberOfGroup({ client, settings, deadline }: Asked, dn: string): Promise<Groups> {
  const { memberOfAttribute: attribute } = settings
  const entries = await read(deadline, () =>
    // One that is gone meanwhile, or that may not be seen, is in nothing that could be known.
    client.search(dn, { scope: 'base', attributes: [attribute] }).catch((error: unknown) => {
      if (error instanceof NoSuchObjectError) return { searchEntries: [] }
      throw error
    }),
  )
  return new Map(
    entries.flatMap((entry) => valuesOf(entry, attribute).map(asText)).map((each) => [each, nameInDn(each)]),
  )
}

async function searchGroups({ client, settings, deadline }: Asked, of: { dn: string; username: string }) {
  const { groupFilter, groupNameAttribute } = settings
  const filter = fillFilter(groupFilter, of)
  const entries = await read(deadline, () =>
    client.search(groupBase(settings), { filter, attributes: [groupNameAttribute], paged: { pageSize: 500 } }),
  )
  return new Map(entries.map((entry) => [entry.dn, asText(valuesOf(entry, groupNameAttribute)[0] ?? '')]))
}

async function read(deadline: AbortSignal, search: () => Promise<{ searchEntries: Entry[] }>): Promise<Entry[]> {
  const { searchEntries } = await asking('ldap_search', deadline, search)
  return searchEntries
}

/** Whether the directory shows that anybody is in any group. @throws {DirectoryFault} */
export async function hasAnyGroup({ client, settings, deadline }: Asked): Promise<boolean> {
  const { groupsFrom, memberOfAttribute: attribute, groupFilter, userFilter, baseDn } = settings
  const [base, filter] =
    groupsFrom === 'memberOf'
      ? [baseDn, new AndFilter({ filters: [openFilter(userFilter), new PresenceFilter({ attribute })] })]
      : [groupBase(settings), openFilter(groupFilter)]
  const entries = await read(deadline, () => client.search(base, { filter, attributes: ['1.1'], sizeLimit: 1 }))
  return entries.length > 0
}

const groupBase = ({ groupBaseDn, baseDn }: LdapSettings) => (groupBaseDn === '' ? baseDn : groupBaseDn)
