import type { Transaction } from 'sequelize'

import type { PageQuery } from '../../contract/common.ts'
import type { AddMember, Member, MemberPage } from '../../contract/host.ts'
import { knownRole, ROLE_LEVELS, type OverrideRole, type Role } from '../../contract/role.ts'
import { ForgeError } from '../../errors/forge-error.ts'
import { selectRows, type RawBoolean } from '../../sql/rows.ts'
import { refusingBrokenRules } from '../broken-rules.ts'
import { selectPage } from '../page.ts'
import type { Person } from '../sessions/person.ts'
import type { HostStore } from '../store.ts'
import { findUserByName } from '../users/users.ts'
import { requireTeam } from './access.ts'
import type { MemberRow, OverrideRow } from './model.ts'

/** One person in one team. */
export interface MemberKey {
  teamId: string
  userId: string
}

/** The team's members, by user name, with their overrides. @throws {ForgeError} not_found, invalid_request */
export async function listMembers(
  store: HostStore,
  person: Person,
  teamId: string,
  page: PageQuery,
): Promise<MemberPage> {
  await requireTeam(store, person, teamId, 'see')

  const { rows, count, meta } = await selectPage<RawMember>(
    store.db,
    {
      select: COLUMNS,
      from: MEMBERS,
      where: 'm.team_id = $1',
      bind: [teamId],
      sortBy: 'lower(u.username)',
      id: 'u.id',
      search: ['u.username', 'u.name'],
    },
    page,
  )
  return { meta, count, members: await withOverrides(store, teamId, rows) }
}

/** Adds an existing person to a team. @throws {ForgeError} not_found, forbidden, conflict when they are in it already */
export async function addMember(store: HostStore, person: Person, teamId: string, input: AddMember): Promise<Member> {
  await requireTeam(store, person, teamId, 'manage')
  const user = await findUserByName(store, input.user)
  if (!user) throw new ForgeError('not_found', 'There is no user with this name or e-mail address.')

  const duplicate = () => new ForgeError('conflict', `${user.username} is a member of this team already.`)
  const key = { teamId, userId: user.id }
  await refusingBrokenRules({ duplicate, missing: noSuchMember }, () =>
    store.Member.create({ ...key, roleLevel: ROLE_LEVELS[input.role] }),
  )
  return getMember(store, key)
}

/**
 * Gives a member another role in the team.
 * @throws {ForgeError} not_found, forbidden, conflict when the team would be left without an owner
 */
export async function setRole(store: HostStore, person: Person, key: MemberKey, role: Role): Promise<Member> {
  await requireTeam(store, person, key.teamId, 'manage')

  await store.db.transaction(async (transaction) => {
    await refuseManaged(store, await store.Member.findOne({ where: { ...key }, transaction }), transaction)
    if (role !== 'owner') await keepAnOwner(store, key, transaction)
    const [changed] = await store.Member.update({ roleLevel: ROLE_LEVELS[role] }, { where: { ...key }, transaction })
    if (changed === 0) throw noSuchMember()
  })
  return getMember(store, key)
}

/**
 * Takes a person out of a team, with their overrides. Everybody may leave by themselves.
 * @throws {ForgeError} not_found, forbidden, conflict when the team would be left without an owner
 */
export async function removeMember(store: HostStore, person: Person, key: MemberKey): Promise<void> {
  await requireTeam(store, person, key.teamId, key.userId === person.userId ? 'see' : 'manage')

  await store.db.transaction(async (transaction) => {
    await refuseManaged(store, await store.Member.findOne({ where: { ...key }, transaction }), transaction)
    await keepAnOwner(store, key, transaction)
    const removed = await store.Member.destroy({ where: { ...key }, transaction })
    if (removed === 0) throw noSuchMember()
  })
}

/** Replaces a member's role in one application of the team. @throws {ForgeError} not_found, forbidden */
export async function setOverride(
  store: HostStore,
  person: Person,
  { applicationId, ...key }: MemberKey & { applicationId: string },
  role: OverrideRole,
): Promise<Member> {
  await requireTeam(store, person, key.teamId, 'manage')

  const missing = () => new ForgeError('not_found', 'There is no such member or application in this team.')
  await refusingBrokenRules({ missing }, () =>
    store.db.transaction(async (transaction) => {
      const where = { ...key, applicationId }
      await refuseManaged(store, await store.Override.findOne({ where, transaction }), transaction)
      await store.Override.upsert({ ...key, applicationId, roleLevel: ROLE_LEVELS[role] }, { transaction })
    }),
  )
  return getMember(store, key)
}

/** Lets the team role count again in one application; no matter when it did already. @throws {ForgeError} not_found, forbidden */
export async function removeOverride(
  store: HostStore,
  person: Person,
  key: MemberKey & { applicationId: string },
): Promise<void> {
  await requireTeam(store, person, key.teamId, 'manage')
  await store.db.transaction(async (transaction) => {
    await refuseManaged(store, await store.Override.findOne({ where: { ...key }, transaction }), transaction)
    await store.Override.destroy({ where: { ...key }, transaction })
  })
}

/**
 * What a provider's groups say is not changed by hand: the next sign-in would undo it.
 * @throws {ForgeError} conflict, naming the provider
 */
async function refuseManaged(
  { Provider }: HostStore,
  row: MemberRow | OverrideRow | null,
  transaction: Transaction,
): Promise<void> {
  if (!row?.managedBy) return
  const provider = await Provider.findByPk(row.managedBy, { transaction })
  const name = provider?.name ?? 'An identity provider'
  throw new ForgeError('conflict', `${name} manages this by its groups. Change the groups there.`)
}

const noSuchMember = () => new ForgeError('not_found', 'There is no such member in this team.')

/** Locks the team, so that two owners who remove each other take turns, and refuses for its last owner. */
async function keepAnOwner(store: HostStore, { teamId, userId }: MemberKey, transaction: Transaction): Promise<void> {
  await store.Team.findByPk(teamId, { lock: transaction.LOCK.UPDATE, transaction })

  const owners = await store.Member.findAll({ where: { teamId, roleLevel: ROLE_LEVELS.owner }, transaction })
  if (owners.length === 1 && owners[0]?.userId === userId) {
    throw new ForgeError('conflict', 'This is the last owner of the team. Make someone else an owner first.')
  }
}

async function getMember(store: HostStore, { teamId, userId }: MemberKey): Promise<Member> {
  const where = 'm.team_id = $1 AND m.user_id = $2'
  const rows = await selectRows<RawMember>(store.db, `SELECT ${COLUMNS} FROM ${MEMBERS} WHERE ${where}`, [
    teamId,
    userId,
  ])
  const [member] = await withOverrides(store, teamId, rows)
  if (!member) throw noSuchMember()
  return member
}

const MEMBERS = 'team_members m JOIN users u ON u.id = m.user_id LEFT JOIN sso_providers p ON p.id = m.managed_by'
const COLUMNS =
  'u.id, u.username, u.name, u.email, u.suspended, m.role_level AS "roleLevel", p.id AS "providerId", ' +
  'p.name AS "providerName"'

interface RawMember {
  id: string
  username: string
  name: string
  email: string
  suspended: RawBoolean
  roleLevel: number
  /** Null for who was added by hand. */
  providerId: string | null
  providerName: string
}

async function withOverrides(store: HostStore, teamId: string, rows: RawMember[]): Promise<Member[]> {
  const overrides = await store.Override.findAll({
    where: { teamId, userId: rows.map((row) => row.id) },
    order: ['applicationId'],
  })

  return rows.map(({ id, username, name, email, suspended, roleLevel, providerId, providerName }) => ({
    user: { id, username, name, email, suspended: Boolean(suspended) },
    role: knownRole(roleLevel),
    managedBy: providerId === null ? null : { id: providerId, name: providerName },
    overrides: overrides
      .filter((override) => override.userId === id)
      .map(({ applicationId, roleLevel: level, managedBy }) => ({
        applicationId,
        role: overrideRole(level),
        managed: managedBy !== null,
      })),
  }))
}

function overrideRole(level: number): OverrideRole {
  return level === ROLE_LEVELS.none ? 'none' : knownRole(level)
}
