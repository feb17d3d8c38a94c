import { Op, type Transaction } from 'sequelize'

import type { PageQuery } from '../../contract/common.ts'
import type { CreateUser, OwnUser, UpdateUser, User, UserPage } from '../../contract/host.ts'
import { ROLE_LEVELS } from '../../contract/role.ts'
import { ForgeError } from '../../errors/forge-error.ts'
import { selectRows, type RawBoolean, type RawTime } from '../../sql/rows.ts'
import { toIso } from '../../sql/time.ts'
import { refusingBrokenRules } from '../broken-rules.ts'
import { selectPage } from '../page.ts'
import type { Person } from '../sessions/person.ts'
import { endSessionsOf } from '../sessions/sessions.ts'
import type { HostStore } from '../store.ts'
import type { UserRow } from './model.ts'
import type { Passwords } from './passwords.ts'

/** Adds a person. @throws {ForgeError} conflict when the user name or the e-mail address is taken */
export async function createUser(store: HostStore, passwords: Passwords, input: CreateUser): Promise<User> {
  const { password, admin = false, ...person } = input
  const passwordHash = await passwords.hash(password)

  const user = await refusingTakenNames(() =>
    store.User.create({ ...person, name: person.name.trim(), admin, passwordHash }),
  )
  return presentUser(user)
}

/** Everybody, by user name. @throws {ForgeError} invalid_request */
export async function listUsers({ db }: HostStore, page: PageQuery): Promise<UserPage> {
  const { rows, count, meta } = await selectPage<RawUser>(
    db,
    {
      select: 'u.id, u.username, u.name, u.email, u.admin, u.suspended, u.created_at AS "createdAt"',
      from: 'users u',
      where: '1 = 1',
      bind: [],
      sortBy: 'lower(u.username)',
      id: 'u.id',
      search: ['u.username', 'u.name', 'u.email'],
    },
    page,
  )
  return { meta, count, users: rows.map(presentRaw) }
}

/** @throws {ForgeError} not_found */
export async function getUser(store: HostStore, id: string): Promise<User> {
  return presentUser(await findUser(store, id))
}

/** Who is signed in, and through what. @throws {ForgeError} not_found */
export async function getOwnUser(store: HostStore, { userId, providerId }: Person): Promise<OwnUser> {
  const provider = providerId === null ? null : await store.Provider.findByPk(providerId)
  return { ...(await getUser(store, userId)), provider: provider && { id: provider.id, name: provider.name } }
}

/**
 * Changes what `input` names. Suspending ends the person's sessions.
 * @throws {ForgeError} not_found; conflict when a name is taken, or when nobody would be left to run the platform
 */
export async function updateUser(store: HostStore, id: string, input: UpdateUser): Promise<User> {
  const named = input.name === undefined ? input : { ...input, name: input.name.trim() }
  // What an administrator has decided, no provider undoes.
  const changes = input.suspended === undefined ? named : { ...named, suspendedBy: null }

  return refusingTakenNames(() =>
    store.db.transaction(async (transaction) => {
      if (input.admin === false || input.suspended) await keepAnAdmin(store, id, transaction)
      const user = await findUser(store, id, transaction)

      await user.update(changes, { transaction })
      if (user.suspended) await endSessionsOf(store, id, { transaction })
      return presentUser(user)
    }),
  )
}

/**
 * Removes a person with their sessions and memberships.
 * @throws {ForgeError} not_found; conflict when nobody would be left to run the platform or one of their teams
 */
export async function deleteUser(store: HostStore, id: string): Promise<void> {
  await store.db.transaction(async (transaction) => {
    await keepAnAdmin(store, id, transaction)
    const user = await findUser(store, id, transaction)
    await keepTheirTeamsOwned(store, id, transaction)

    await user.destroy({ transaction })
  })
  await store.deletions.announce()
}

/** The user with this user name or e-mail address, in any case; null without one. */
export async function findUserByName({ db, User }: HostStore, name: string): Promise<UserRow | null> {
  // No user name has an @ in it, so the two cannot be mistaken for each other.
  const column = name.includes('@') ? 'email' : 'username'
  return User.findOne({ where: db.where(db.fn('lower', db.col(column)), name.toLowerCase()) })
}

export function presentUser(user: UserRow): User {
  const { id, username, name, email, admin, suspended, createdAt } = user
  return { id, username, name, email, admin, suspended, createdAt: createdAt.toISOString() }
}

interface RawUser extends Pick<User, 'id' | 'username' | 'name' | 'email'> {
  admin: RawBoolean
  suspended: RawBoolean
  createdAt: RawTime
}

function presentRaw({ id, username, name, email, admin, suspended, createdAt }: RawUser): User {
  return {
    id,
    username,
    name,
    email,
    admin: Boolean(admin),
    suspended: Boolean(suspended),
    createdAt: toIso(createdAt),
  }
}

async function findUser({ User }: HostStore, id: string, transaction: Transaction | null = null): Promise<UserRow> {
  const user = await User.findByPk(id, { transaction })
  if (!user) throw new ForgeError('not_found', 'There is no such user.')
  return user
}

/**
 * Locks the admins in one order and refuses when this one is the last who could sign in: two who remove each other at
 * the same time take turns here.
 */
export async function keepAnAdmin({ User }: HostStore, id: string, transaction: Transaction): Promise<void> {
  const admins = await User.findAll({
    where: { admin: true, suspended: false },
    order: ['id'],
    lock: transaction.LOCK.UPDATE,
    transaction,
  })
  if (admins.length === 1 && admins[0]?.id === id) {
    throw new ForgeError('conflict', 'This is the last administrator. Make someone else an administrator first.')
  }
}

/** Locks the teams that the person owns, so that no other owner leaves meanwhile. */
async function keepTheirTeamsOwned(store: HostStore, userId: string, transaction: Transaction): Promise<void> {
  const owned = await store.Member.findAll({ where: { userId, roleLevel: ROLE_LEVELS.owner }, transaction })
  const teamIds = owned.map((member) => member.teamId)
  await store.Team.findAll({
    where: { id: { [Op.in]: teamIds } },
    order: ['id'],
    lock: transaction.LOCK.UPDATE,
    transaction,
  })

  const orphans = await selectRows<{ name: string }>(
    store.db,
    `SELECT t.name FROM teams t JOIN team_members m ON m.team_id = t.id AND m.role_level = $2
     GROUP BY t.id, t.name HAVING count(*) = 1 AND max(m.user_id) = $1 ORDER BY t.name`,
    [userId, ROLE_LEVELS.owner],
    transaction,
  )
  if (orphans.length === 0) return

  const names = orphans.map((team) => team.name).join(', ')
  throw new ForgeError('conflict', `They are the last owner of ${names}. Make someone else an owner there first.`)
}

function refusingTakenNames<T>(write: () => PromiseLike<T>): Promise<T> {
  const duplicate = (rule: string) =>
    new ForgeError(
      'conflict',
      rule.includes('users_email_unique')
        ? 'Another user has this e-mail address.'
        : 'Another user has this user name.',
    )
  return refusingBrokenRules({ duplicate }, write)
}
