import type { Application, ApplicationPage, CreateApplication, UpdateApplication } from '../../contract/host.ts'
import { ForgeError } from '../../errors/forge-error.ts'
import type { RawTime } from '../../sql/rows.ts'
import { toIso } from '../../sql/time.ts'
import { refusingBrokenRules } from '../broken-rules.ts'
import { selectPage, type TeamPageQuery } from '../page.ts'
import type { Person } from '../sessions/person.ts'
import type { HostStore } from '../store.ts'
import { requireApplication, requireTeam, ROLE_IN_APPLICATION } from '../teams/access.ts'
import type { ApplicationRow } from './model.ts'

/** @throws {ForgeError} not_found (the team), forbidden */
export async function createApplication(
  store: HostStore,
  person: Person,
  { teamId, name }: CreateApplication,
): Promise<Application> {
  await requireTeam(store, person, teamId, 'manage')

  // The team may go between the look and the write.
  const missing = () => new ForgeError('not_found', 'There is no such team.')
  return present(await refusingBrokenRules({ missing }, () => store.Application.create({ teamId, name: name.trim() })))
}

/** Applications in which the person has a role, by name, of one team or of all. @throws {ForgeError} not_found */
export async function listApplications(
  store: HostStore,
  person: Person,
  { teamId, ...page }: TeamPageQuery,
): Promise<ApplicationPage> {
  if (teamId !== undefined) await requireTeam(store, person, teamId, 'see')

  const { rows, count, meta } = await selectPage<RawApplication>(
    store.db,
    {
      select: 'a.id, a.name, a.team_id AS "teamId", a.created_at AS "createdAt"',
      from: `applications a ${ROLE_IN_APPLICATION}`,
      where: VISIBLE,
      bind: [teamId ?? null, person.userId, person.admin ? 1 : 0],
      sortBy: 'lower(a.name)',
      id: 'a.id',
      search: ['a.name'],
    },
    page,
  )
  const applications = rows.map(({ createdAt, ...rest }) => ({
    id: rest.id,
    name: rest.name,
    teamId: rest.teamId,
    createdAt: toIso(createdAt),
  }))
  return { meta, count, applications }
}

/** @throws {ForgeError} not_found */
export async function getApplication(store: HostStore, person: Person, id: string): Promise<Application> {
  await requireApplication(store, person, id, 'see')
  return present(await find(store, id))
}

/** @throws {ForgeError} not_found, forbidden */
export async function updateApplication(
  store: HostStore,
  person: Person,
  id: string,
  { name }: UpdateApplication,
): Promise<Application> {
  await requireApplication(store, person, id, 'manage')
  const application = await find(store, id)
  return present(await application.update({ name: name.trim() }))
}

/** Removes an application with its instances. @throws {ForgeError} not_found, forbidden */
export async function deleteApplication(store: HostStore, person: Person, id: string): Promise<void> {
  await requireApplication(store, person, id, 'manage')
  await store.Application.destroy({ where: { id } })
  await store.deletions.announce()
}

/**
 * What a list of applications `a` shows to the person `$2`, of the team `$1` or of all when that is null: what they
 * have a role in, or everything when `$3` says that they are an administrator.
 */
export const VISIBLE = `
  (CAST($1 AS VARCHAR) IS NULL OR a.team_id = $1)
  AND (CAST($3 AS INTEGER) = 1 OR coalesce(o.role_level, m.role_level, 0) > 0)`

interface RawApplication {
  id: string
  name: string
  teamId: string
  createdAt: RawTime
}

async function find({ Application }: HostStore, id: string): Promise<ApplicationRow> {
  const application = await Application.findByPk(id)
  if (!application) throw new ForgeError('not_found', 'There is no such application.')
  return application
}

function present({ id, name, teamId, createdAt }: ApplicationRow): Application {
  return { id, name, teamId, createdAt: createdAt.toISOString() }
}
