import { Op, type WhereOptions } from 'sequelize'

import { ForgeError } from '../../../errors/forge-error.ts'
import { accountFor, followNames, reinstate, suspend } from './accounts.ts'
import type { Caller, Scim } from './connection.ts'
import { conditionsOf } from './filter.ts'
import { applyChangedGroups } from './group-effects.ts'
import { pageOf, presentList, type PageWish } from './lists.ts'
import type { ScimUserRow } from './model.ts'
import { documentOf, presentScimUser, type Resource } from './resources.ts'
import { ScimRefusal } from './scim-error.ts'
import { groupsOf } from './standing.ts'
import { patchUser, readUser, type UserDocument } from './user-document.ts'
import { requireVersion, writing, type Aim, type Asking, type Write } from './writing.ts'

const FILTERS = new Map([
  ['id', 'id'],
  ['username', 'userName'],
  ['externalid', 'externalId'],
] as const)

/** People of the provider, by id. @param withGroups false where nobody asks for them @throws {ScimRefusal} invalidFilter */
export async function listScimUsers(scim: Scim, { providerId }: Caller, wish: PageWish, withGroups: boolean) {
  const { store } = scim.sessions
  const conditions =
    wish.filter === undefined ? [] : conditionsOf<'id' | 'userName' | 'externalId'>(wish.filter, FILTERS)
  const asked = conditions.map(({ attribute, value }): WhereOptions<ScimUserRow> =>
    attribute === 'userName' ? { userNameKey: value.toLowerCase() } : { [attribute]: value },
  )
  const where: WhereOptions<ScimUserRow> = { [Op.and]: [{ providerId }, ...asked] }
  const page = pageOf(wish)

  const total = await store.ScimUser.count({ where })
  const rows = page.limit === 0 ? [] : await store.ScimUser.findAll({ where, order: ['id'], ...page })
  return presentList(total, page, await present(scim, rows, withGroups))
}

/** @throws {ForgeError} not_found */
export async function getScimUser(
  scim: Scim,
  { providerId }: Caller,
  id: string,
  withGroups: boolean,
): Promise<{ row: ScimUserRow; resource: Resource }> {
  const row = await scim.sessions.store.ScimUser.findOne({ where: { id, providerId } })
  if (!row) throw noSuchPerson()
  const [resource = { id }] = await present(scim, [row], withGroups)
  return { row, resource }
}

/** @throws {ScimRefusal}; {ForgeError} forbidden */
export async function createScimUser(scim: Scim, asking: Asking, body: unknown): Promise<string> {
  const document = readUser(body)

  return writing(scim, asking, async (write) => {
    const { provider, transaction } = write
    const columns = columnsOf(document)
    await refuseTaken(write, columns.userNameKey, null)

    const account = await accountFor(write, document)
    const known = { providerId: provider.id, userId: account.id }
    const row = await scim.sessions.store.ScimUser.create({ ...known, ...columns }, { transaction })
    await followNames(write, account, document)
    await (document.active ? reinstate : suspend)(write, account)
    return row.id
  })
}

/** Puts another description in the place of the one before. @throws {ScimRefusal}; {ForgeError} not_found, precondition_failed */
export function replaceScimUser(scim: Scim, asking: Asking, aim: Aim, body: unknown): Promise<void> {
  return changeScimUser(scim, asking, aim, ({ active }) => readUser(body, active))
}

/** @throws {ScimRefusal}; {ForgeError} not_found, precondition_failed */
export function patchScimUser(scim: Scim, asking: Asking, aim: Aim, body: unknown): Promise<void> {
  return changeScimUser(scim, asking, aim, (before) => patchUser(before, body))
}

async function changeScimUser(
  scim: Scim,
  asking: Asking,
  aim: Aim,
  change: (before: UserDocument) => UserDocument,
): Promise<void> {
  await writing(scim, asking, async (write) => {
    const row = await aimedAt(write, aim)
    const before = documentOf(row)
    const document = change(before)
    if (JSON.stringify(columnsOf(document)) === JSON.stringify(columnsOf(before))) return

    const columns = columnsOf(document)
    await refuseTaken(write, columns.userNameKey, row.id)
    await row.update({ ...columns, version: row.version + 1 }, { transaction: write.transaction })

    const account = await accountOf(write, row)
    if (document.active) await followNames(write, account, document)
    if (document.active !== before.active) await (document.active ? reinstate : suspend)(write, account)
  })
}

/** Forgets a person, and takes from their account what the provider gave. @throws {ForgeError} not_found, precondition_failed, conflict */
export async function deleteScimUser(scim: Scim, asking: Asking, aim: Aim): Promise<void> {
  await writing(scim, asking, async (write) => {
    const { connection, transaction } = write
    const { store } = scim.sessions
    const row = await aimedAt(write, aim)
    const account = await accountOf(write, row)
    await suspend(write, account)

    const groups = (await groupsOf(store, [row.id], transaction)).get(row.id) ?? []
    await store.ScimMember.destroy({ where: { scimUserId: row.id }, transaction })
    const names = groups.map(({ displayName }) => displayName)
    if (connection.tellsGroups) await applyChangedGroups(write, [row.id], names)
    const ids = groups.map(({ id }) => id)
    await store.ScimGroup.increment('version', { where: { id: ids }, transaction })
    await row.destroy({ transaction })
  })
}

function columnsOf({ userName, externalId, active, displayName, name, emails }: UserDocument) {
  const attributes = JSON.stringify({ displayName, name, emails })
  return { userName, userNameKey: userName.toLowerCase(), externalId, active, attributes }
}

/** @throws {ForgeError} not_found, precondition_failed */
async function aimedAt({ scim, provider, transaction }: Write, { id, ifMatch }: Aim): Promise<ScimUserRow> {
  const row = await scim.sessions.store.ScimUser.findOne({ where: { id, providerId: provider.id }, transaction })
  if (!row) throw noSuchPerson()
  requireVersion(row, ifMatch)
  return row
}

function accountOf({ scim, transaction }: Write, { userId }: ScimUserRow) {
  return scim.sessions.store.User.findByPk(userId, { transaction, rejectOnEmpty: true })
}

async function refuseTaken(
  { scim, provider, transaction }: Write,
  userNameKey: string,
  ownId: string | null,
): Promise<void> {
  const where = { providerId: provider.id, userNameKey }
  const other = await scim.sessions.store.ScimUser.findOne({ where, transaction })
  if (other && other.id !== ownId) throw new ScimRefusal('uniqueness', 'Another person has this userName.')
}

async function present(
  { sessions: { store }, baseUrl }: Scim,
  rows: ScimUserRow[],
  withGroups: boolean,
): Promise<Resource[]> {
  const groups = await groupsOf(store, withGroups ? rows.map(({ id }) => id) : [])
  const address = `${baseUrl}/scim/v2`
  return rows.map((row) => {
    const own = (groups.get(row.id) ?? []).map(({ id, displayName }) => ({ id, display: displayName }))
    return presentScimUser(address, row, own)
  })
}

const noSuchPerson = () => new ForgeError('not_found', 'There is no such person.')
