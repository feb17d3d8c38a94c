import {
  AndFilter,
  EqualityFilter,
  NoSuchObjectError,
  OrFilter,
  PresenceFilter,
  ResultCodeError,
  type Client,
  type Filter,
} from 'ldapts'

import type { LdapSettings } from '../../../contract/ldap.ts'
import { asking, withClient } from './connection.ts'
import {
  openFilter,
  BINARY_IDS,
  fillFilter,
  idValue,
  readPerson,
  wantedAttributes,
  type DirectoryPerson,
} from './entry.ts'
import { DirectoryFault } from './fault.ts'
import { groupsOf, hasAnyGroup } from './groups.ts'

/** What a directory is asked, over one connection. Everything throws {DirectoryFault}. */
export interface Directory {
  /** People whom the filter finds by a user name; at most two, since more than one is too many. */
  find(username: string): Promise<DirectoryPerson[]>
  /** Those of these ids whom the filter still finds. */
  findByIds(ids: string[]): Promise<DirectoryPerson[]>
  /** How many entries have this address, up to two. */
  countMail(address: string): Promise<number>
  /** Whether a password is somebody's. From then on the connection is theirs, until `rebind`. */
  accepts(dn: string, password: string): Promise<boolean>
  rebind(): Promise<void>
  /** Names of the groups of somebody. */
  groupsOf(person: DirectoryPerson): Promise<string[]>
  /** Whether it shows anybody with an id, and any group at all: a directory that shows none has something else amiss. */
  showsAnyone(): Promise<boolean>
  showsAnyGroup(): Promise<boolean>
}

export interface Access {
  settings: LdapSettings
  /** Of `bindDn`; null where none is kept, or it can't be read. */
  bindPassword: string | null
}

/** @throws {DirectoryFault} */
export async function withDirectory<T>(
  { settings, bindPassword }: Access,
  deadline: AbortSignal,
  work: (directory: Directory) => Promise<T>,
): Promise<T> {
  return withClient(settings, deadline, async (client) => {
    const rebind = () => bindAsService(client, { settings, bindPassword }, deadline)
    await rebind()
    return work({ ...questions(client, settings, deadline), rebind })
  })
}

/** Nobody is asked with a name and no password: a directory would take that for nobody, and say yes (RFC 4513 5.1.2). */
async function bindAsService(client: Client, { settings: { bindDn }, bindPassword }: Access, deadline: AbortSignal) {
  if (bindDn !== '' && !bindPassword) throw new DirectoryFault('ldap_bind', new Error('no password is kept for it'))
  await asking('ldap_bind', deadline, () => client.bind(bindDn, bindDn === '' ? '' : (bindPassword ?? '')))
}

function questions(client: Client, settings: LdapSettings, deadline: AbortSignal): Omit<Directory, 'rebind'> {
  const attributes = wantedAttributes(settings)
  const search = async (filter: Filter, sizeLimit: number) => {
    const { searchEntries } = await asking('ldap_search', deadline, () =>
      // Referrals are not followed: who knows where they lead.
      client
        .search(settings.baseDn, {
          filter,
          attributes,
          explicitBufferAttributes: BINARY_IDS,
          ...(sizeLimit > 0 ? { sizeLimit } : {}),
        })
        .catch((error: unknown) => {
          throw error instanceof NoSuchObjectError ? new DirectoryFault('ldap_base', error) : error
        }),
    )
    return searchEntries
  }
  const people = async (filter: Filter, sizeLimit: number) =>
    (await search(filter, sizeLimit)).map((entry) => readPerson(entry, settings, Date.now()))

  return {
    find: (username) => people(fillFilter(settings.userFilter, { username }), 2),
    async findByIds(ids) {
      if (ids.length === 0) return []
      const { idAttribute: attribute } = settings
      const filters = ids.map((id) => new EqualityFilter({ attribute, value: idValue(id, attribute) }))
      return people(new AndFilter({ filters: [openFilter(settings.userFilter), new OrFilter({ filters })] }), 0)
    },
    countMail: async (value) =>
      (await search(new EqualityFilter({ attribute: settings.mailAttribute, value }), 2)).length,
    async accepts(dn, password) {
      if (dn === '' || password === '') return false
      return asking('ldap_connect', deadline, async () => {
        try {
          await client.bind(dn, password)
          return true
        } catch (error) {
          if (isRefusalOfPerson(error)) return false
          throw error
        }
      })
    },
    groupsOf: (person) => groupsOf({ client, settings, deadline }, person),
    async showsAnyone() {
      const filters = [openFilter(settings.userFilter), new PresenceFilter({ attribute: settings.idAttribute })]
      return (await search(new AndFilter({ filters }), 1)).length > 0
    },
    showsAnyGroup: () => hasAnyGroup({ client, settings, deadline }),
  }
}

/**
 * The directory will not let this person in, whatever its reason: invalid credentials; but also strong authentication
 * required, referral, constraint violation, no such object, inappropriate authentication, insufficient access rights,
 * unwilling to perform (RFC 4511 appendix A).
 */
const REFUSALS = new Set([49, 8, 10, 19, 32, 48, 50, 53])

const isRefusalOfPerson = (error: unknown) => error instanceof ResultCodeError && REFUSALS.has(error.code)
