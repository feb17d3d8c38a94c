import { randomBytes } from 'node:crypto'

import type { PageQuery } from '../../contract/common.ts'
import type { CreateTeam, Team, TeamPage, UpdateTeam } from '../../contract/host.ts'
import { ROLE_LEVELS, roleFromLevel } from '../../contract/role.ts'
import { ForgeError } from '../../errors/forge-error.ts'
import { selectRows, type RawBoolean, type RawTime } from '../../sql/rows.ts'
import { toIso } from '../../sql/time.ts'
import { refusingBrokenRules } from '../broken-rules.ts'
import { selectPage } from '../page.ts'
import type { Person } from '../sessions/person.ts'
import type { HostStore } from '../store.ts'
import { requireTeam } from './access.ts'

/** Creates a team that the person owns. @throws {ForgeError} conflict when the slug that they chose is taken */
export async function createTeam(store: HostStore, person: Person, { name, slug }: CreateTeam): Promise<Team> {
  const id =
    slug === undefined ? await insertUnderFreeSlug(store, person, name) : await insert(store, person, name, slug)
  return getTeam(store, person, id)
}

/** The person's teams, by name; an administrator sees all. @throws {ForgeError} invalid_request */
export async function listTeams({ db }: HostStore, person: Person, page: PageQuery): Promise<TeamPage> {
  const { rows, count, meta } = await selectPage<RawTeam>(
    db,
    {
      select: COLUMNS,
      from: TEAMS,
      where: person.admin ? '1 = 1' : 'm.user_id IS NOT NULL',
      bind: [person.userId],
      sortBy: 'lower(t.name)',
      id: 't.id',
      search: ['t.name', 't.slug'],
    },
    page,
  )
  return { meta, count, teams: rows.map(present) }
}

/** @throws {ForgeError} not_found */
export async function getTeam(store: HostStore, person: Person, id: string): Promise<Team> {
  await requireTeam(store, person, id, 'see')
  const [team] = await selectRows<RawTeam>(store.db, `SELECT ${COLUMNS} FROM ${TEAMS} WHERE t.id = $2`, [
    person.userId,
    id,
  ])
  if (!team) throw new ForgeError('not_found', 'There is no such team.')
  return present(team)
}

/** Renames a team, or suspends it. @throws {ForgeError} not_found, forbidden */
export async function updateTeam(store: HostStore, person: Person, id: string, input: UpdateTeam): Promise<Team> {
  await requireTeam(store, person, id, 'manage')
  if (input.suspended !== undefined && !person.admin) {
    throw new ForgeError('forbidden', 'Only an administrator can suspend a team or end that.')
  }

  const changes = input.name === undefined ? input : { ...input, name: input.name.trim() }
  await store.Team.update(changes, { where: { id } })
  return getTeam(store, person, id)
}

/** Removes a team with all that is in it. @throws {ForgeError} not_found, forbidden */
export async function deleteTeam(store: HostStore, person: Person, id: string): Promise<void> {
  await requireTeam(store, person, id, 'manage')
  await store.Team.destroy({ where: { id } })
  await store.deletions.announce()
}

async function insert(store: HostStore, person: Person, name: string, slug: string): Promise<string> {
  const duplicate = () => new ForgeError('conflict', 'Another team has this slug. Choose another one.')

  return refusingBrokenRules({ duplicate }, () =>
    store.db.transaction(async (transaction) => {
      const team = await store.Team.create({ name: name.trim(), slug }, { transaction })
      const owner = { teamId: team.id, userId: person.userId, roleLevel: ROLE_LEVELS.owner }
      await store.Member.create(owner, { transaction })
      return team.id
    }),
  )
}

/** Takes the slug that the name suggests, or one with a short random end where that is taken. */
async function insertUnderFreeSlug(store: HostStore, person: Person, name: string): Promise<string> {
  const slug = slugFor(name)
  try {
    return await insert(store, person, name, slug)
  } catch (error) {
    if (!(error instanceof ForgeError && error.code === 'conflict')) throw error
    return insert(store, person, name, `${slug.slice(0, 31)}-${randomBytes(4).toString('hex')}`)
  }
}

function slugFor(name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, 40)
    .replace(/-$/, '')
  return slug || 'team'
}

/** Every team `t`, with the membership `m` of the person whose id is `$1`. */
const TEAMS = 'teams t LEFT JOIN team_members m ON m.team_id = t.id AND m.user_id = $1'

const COLUMNS = `
  t.id, t.name, t.slug, t.suspended, t.created_at AS "createdAt", m.role_level AS "roleLevel",
  (SELECT count(*) FROM team_members c WHERE c.team_id = t.id) AS "memberCount",
  (SELECT count(*) FROM instances i JOIN applications a ON a.id = i.application_id WHERE a.team_id = t.id)
    AS "instanceCount"`

interface RawTeam {
  id: string
  name: string
  slug: string
  suspended: RawBoolean
  createdAt: RawTime
  roleLevel: number | null
  memberCount: number | string
  instanceCount: number | string
}

function present({ id, name, slug, suspended, createdAt, roleLevel, memberCount, instanceCount }: RawTeam): Team {
  return {
    id,
    name,
    slug,
    suspended: Boolean(suspended),
    createdAt: toIso(createdAt),
    role: roleLevel === null ? null : roleFromLevel(roleLevel),
    memberCount: Number(memberCount),
    instanceCount: Number(instanceCount),
  }
}
