import { Op, type WhereOptions } from 'sequelize'

import { ForgeError } from '../../../errors/forge-error.ts'
import { placesFor, selectRows } from '../../../sql/rows.ts'
import type { HostStore } from '../../store.ts'
import { inChunks } from './chunks.ts'
import type { Caller, Scim } from './connection.ts'
import { conditionsOf } from './filter.ts'
import { patchGroup, readGroup, type GroupDocument } from './group-document.ts'
import { applyChangedGroups } from './group-effects.ts'
import { pageOf, presentList, type PageWish } from './lists.ts'
import type { ScimGroupRow } from './model.ts'
import { presentScimGroup, type Reference, type Resource } from './resources.ts'
import { ScimRefusal } from './scim-error.ts'
import { invalid } from './values.ts'
import { requireVersion, writing, type Aim, type Asking, type Write } from './writing.ts'

type Asked = 'id' | 'displayName' | 'externalId' | 'members'

const FILTERS = new Map<string, Asked>([
  ['id', 'id'],
  ['displayname', 'displayName'],
  ['externalid', 'externalId'],
  ['members', 'members'],
  ['members.value', 'members'],
])

/** Groups of the provider, by id. @param withMembers false where nobody asks for them @throws {ScimRefusal} invalidFilter */
export async function listScimGroups(scim: Scim, { providerId }: Caller, wish: PageWish, withMembers: boolean) {
  const { store } = scim.sessions
  const conditions = wish.filter === undefined ? [] : conditionsOf<Asked>(wish.filter, FILTERS)
  const asked: WhereOptions<ScimGroupRow>[] = []
  for (const { attribute, value } of conditions) {
    if (attribute === 'members') {
      const links = await store.ScimMember.findAll({ where: { scimUserId: value } })
      asked.push({ id: links.map(({ groupId }) => groupId) })
    } else {
      asked.push(attribute === 'displayName' ? { displayNameKey: value.toLowerCase() } : { [attribute]: value })
    }
  }
  const where: WhereOptions<ScimGroupRow> = { [Op.and]: [{ providerId }, ...asked] }
  const page = pageOf(wish)

  const total = await store.ScimGroup.count({ where })
  const rows = page.limit === 0 ? [] : await store.ScimGroup.findAll({ where, order: ['id'], ...page })
  return presentList(total, page, await present(scim, rows, withMembers))
}

/** @throws {ForgeError} not_found */
export async function getScimGroup(
  scim: Scim,
  { providerId }: Caller,
  id: string,
  withMembers: boolean,
): Promise<{ row: ScimGroupRow; resource: Resource }> {
  const row = await scim.sessions.store.ScimGroup.findOne({ where: { id, providerId } })
  if (!row) throw noSuchGroup()
  const [resource = { id }] = await present(scim, [row], withMembers)
  return { row, resource }
}

/** @throws {ScimRefusal} */
export async function createScimGroup(scim: Scim, asking: Asking, body: unknown): Promise<string> {
  const document = readGroup(body)
  const { store } = scim.sessions

  return writing(scim, asking, async (write) => {
    const { provider, connection, transaction } = write
    await refuseTaken(write, document, null)
    const row = await store.ScimGroup.create({ providerId: provider.id, ...columnsOf(document) }, { transaction })
    if (!connection.tellsGroups) await connection.update({ tellsGroups: true }, { transaction })

    const members = [...document.members]
    await addMembers(write, row.id, members)
    await applyChangedGroups(write, members, [row.displayName])
    return row.id
  })
}

/** Puts another description in the place of the one before. @throws {ScimRefusal}; {ForgeError} not_found, precondition_failed */
export function replaceScimGroup(scim: Scim, asking: Asking, aim: Aim, body: unknown): Promise<void> {
  return changeScimGroup(scim, asking, aim, () => readGroup(body))
}

/** @throws {ScimRefusal}; {ForgeError} not_found, precondition_failed */
export function patchScimGroup(scim: Scim, asking: Asking, aim: Aim, body: unknown): Promise<void> {
  return changeScimGroup(scim, asking, aim, (before) => patchGroup(before, body))
}

async function changeScimGroup(
  scim: Scim,
  asking: Asking,
  aim: Aim,
  change: (before: GroupDocument) => GroupDocument,
): Promise<void> {
  await writing(scim, asking, async (write) => {
    const { transaction } = write
    const row = await aimedAt(write, aim)
    const { displayName, externalId } = row
    const before = { displayName, externalId, members: await membersOf(write, row.id) }
    const document = change(before)

    const added = [...document.members].filter((id) => !before.members.has(id))
    const removed = [...before.members].filter((id) => !document.members.has(id))
    const renamed = document.displayName !== displayName
    if (!renamed && document.externalId === externalId && added.length + removed.length === 0) return

    await refuseTaken(write, document, row.id)
    await row.update({ ...columnsOf(document), version: row.version + 1 }, { transaction })
    await removeMembers(write, row.id, removed)
    await addMembers(write, row.id, added)

    const concerned = renamed ? [...new Set([...before.members, ...document.members])] : [...added, ...removed]
    await applyChangedGroups(write, concerned, [displayName, document.displayName])
  })
}

/** @throws {ForgeError} not_found, precondition_failed */
export async function deleteScimGroup(scim: Scim, asking: Asking, aim: Aim): Promise<void> {
  await writing(scim, asking, async (write) => {
    const row = await aimedAt(write, aim)
    const members = await membersOf(write, row.id)
    await row.destroy({ transaction: write.transaction })
    await applyChangedGroups(write, [...members], [row.displayName])
  })
}

function columnsOf({ displayName, externalId }: GroupDocument) {
  return { displayName, displayNameKey: displayName.toLowerCase(), externalId }
}

/** @throws {ForgeError} not_found, precondition_failed */
async function aimedAt({ scim, provider, transaction }: Write, { id, ifMatch }: Aim): Promise<ScimGroupRow> {
  const row = await scim.sessions.store.ScimGroup.findOne({ where: { id, providerId: provider.id }, transaction })
  if (!row) throw noSuchGroup()
  requireVersion(row, ifMatch)
  return row
}

async function membersOf({ scim, transaction }: Write, groupId: string): Promise<Set<string>> {
  const links = await scim.sessions.store.ScimMember.findAll({ where: { groupId }, transaction })
  return new Set(links.map(({ scimUserId }) => scimUserId))
}

/** @throws {ScimRefusal} invalidValue for who is no person of this provider */
async function addMembers({ scim, provider, transaction }: Write, groupId: string, ids: string[]): Promise<void> {
  const { ScimUser, ScimMember } = scim.sessions.store
  await inChunks(ids, async (some) => {
    const known = await ScimUser.count({ where: { id: some, providerId: provider.id }, transaction })
    if (known < some.length)
      throw invalid('A member is no person of this provider; groups within groups are not taken.')
    const rows = some.map((scimUserId) => ({ groupId, scimUserId }))
    await ScimMember.bulkCreate(rows, { transaction })
  })
}

async function removeMembers({ scim, transaction }: Write, groupId: string, ids: string[]): Promise<void> {
  await inChunks(ids, async (scimUserId) => {
    await scim.sessions.store.ScimMember.destroy({ where: { groupId, scimUserId }, transaction })
  })
}

async function refuseTaken({ scim, provider, transaction }: Write, document: GroupDocument, ownId: string | null) {
  const where = { providerId: provider.id, displayNameKey: document.displayName.toLowerCase() }
  const other = await scim.sessions.store.ScimGroup.findOne({ where, transaction })
  if (other && other.id !== ownId) throw new ScimRefusal('uniqueness', 'Another group has this displayName.')
}

async function present({ sessions: { store }, baseUrl }: Scim, rows: ScimGroupRow[], withMembers: boolean) {
  const address = `${baseUrl}/scim/v2`
  if (!withMembers) return rows.map((row) => presentScimGroup(address, row, null))

  const members = await membersByGroup(
    store,
    rows.map(({ id }) => id),
  )
  return rows.map((row) => presentScimGroup(address, row, members.get(row.id) ?? []))
}

/** By one statement that does not name each member: there may be more than fit into one. */
async function membersByGroup({ db }: HostStore, groupIds: string[]): Promise<Map<string, Reference[]>> {
  const byGroup = new Map<string, Reference[]>()
  if (groupIds.length === 0) return byGroup
  const rows = await selectRows<Reference & { groupId: string }>(
    db,
    `SELECT m.group_id AS "groupId", u.id, u.user_name AS display
     FROM scim_members m JOIN scim_users u ON u.id = m.scim_user_id
     WHERE m.group_id IN (${placesFor(groupIds)}) ORDER BY u.user_name_key`,
    groupIds,
  )
  for (const { groupId, id, display } of rows) {
    const members = byGroup.get(groupId) ?? []
    byGroup.set(groupId, members)
    members.push({ id, display })
  }
  return byGroup
}

const noSuchGroup = () => new ForgeError('not_found', 'There is no such group.')
