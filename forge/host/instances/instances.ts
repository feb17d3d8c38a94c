import type { CreateInstance, Instance, InstancePage, UpdateInstance } from '../../contract/host.ts'
import { ForgeError } from '../../errors/forge-error.ts'
import { selectRows, type RawBoolean, type RawTime } from '../../sql/rows.ts'
import { toIso } from '../../sql/time.ts'
import { VISIBLE } from '../applications/applications.ts'
import { refusingBrokenRules } from '../broken-rules.ts'
import { selectPage, type TeamPageQuery } from '../page.ts'
import type { Person } from '../sessions/person.ts'
import type { HostStore } from '../store.ts'
import { requireApplication, requireInstance, requireTeam, ROLE_IN_APPLICATION } from '../teams/access.ts'

/** @throws {ForgeError} not_found (the application), forbidden */
export async function createInstance(store: HostStore, person: Person, input: CreateInstance): Promise<Instance> {
  await requireApplication(store, person, input.applicationId, 'manage')

  // The application may go between the look and the write.
  const missing = () => new ForgeError('not_found', 'There is no such application.')
  const { id } = await refusingBrokenRules({ missing }, () =>
    store.Instance.create({ ...input, name: input.name.trim() }),
  )
  return find(store, id)
}

/** Instances of applications in which the person has a role, by name, of one team or of all. @throws {ForgeError} not_found */
export async function listInstances(
  store: HostStore,
  person: Person,
  { teamId, ...page }: TeamPageQuery,
): Promise<InstancePage> {
  if (teamId !== undefined) await requireTeam(store, person, teamId, 'see')

  const { rows, count, meta } = await selectPage<RawInstance>(
    store.db,
    {
      select: COLUMNS,
      from: `${INSTANCES} ${ROLE_IN_APPLICATION}`,
      where: VISIBLE,
      bind: [teamId ?? null, person.userId, person.admin ? 1 : 0],
      sortBy: 'lower(i.name)',
      id: 'i.id',
      search: ['i.name', 'i.url'],
    },
    page,
  )
  return { meta, count, instances: rows.map(present) }
}

/** @throws {ForgeError} not_found */
export async function getInstance(store: HostStore, person: Person, id: string): Promise<Instance> {
  await requireInstance(store, person, id, 'see')
  return find(store, id)
}

/**
 * What is production is the team's word, since its owners may have to approve what reaches it: an owner by an override
 * of the application alone can't take the mark away.
 * @throws {ForgeError} not_found, forbidden
 */
export async function updateInstance(
  store: HostStore,
  person: Person,
  id: string,
  input: UpdateInstance,
): Promise<Instance> {
  await requireInstance(store, person, id, 'manage')
  if (input.production === false) await requireTeam(store, person, (await find(store, id)).teamId, 'manage')
  const changes = input.name === undefined ? input : { ...input, name: input.name.trim() }
  await store.Instance.update(changes, { where: { id } })
  return find(store, id)
}

/** Removes an instance; its credential ends with it. @throws {ForgeError} not_found, forbidden */
export async function deleteInstance(store: HostStore, person: Person, id: string): Promise<void> {
  await requireInstance(store, person, id, 'manage')
  await store.Instance.destroy({ where: { id } })
  await store.deletions.announce()
}

const INSTANCES = `
  instances i JOIN applications a ON a.id = i.application_id
  LEFT JOIN instance_credentials c ON c.instance_id = i.id`

const COLUMNS = `
  i.id, i.name, i.url, i.production, i.application_id AS "applicationId", i.created_at AS "createdAt",
  a.team_id AS "teamId", a.name AS "applicationName",
  c.created_at AS "credentialCreatedAt", c.last_used_at AS "credentialLastUsedAt"`

interface RawInstance {
  id: string
  name: string
  url: string
  production: RawBoolean
  applicationId: string
  createdAt: RawTime
  teamId: string
  applicationName: string
  /** Null without a credential. */
  credentialCreatedAt: RawTime | null
  credentialLastUsedAt: RawTime | null
}

async function find({ db }: HostStore, id: string): Promise<Instance> {
  const [instance] = await selectRows<RawInstance>(db, `SELECT ${COLUMNS} FROM ${INSTANCES} WHERE i.id = $1`, [id])
  if (!instance) throw new ForgeError('not_found', 'There is no such instance.')
  return present(instance)
}

function present(row: RawInstance): Instance {
  const { credentialCreatedAt: createdAt, credentialLastUsedAt: lastUsedAt } = row

  return {
    id: row.id,
    name: row.name,
    url: row.url,
    production: Boolean(row.production),
    teamId: row.teamId,
    applicationId: row.applicationId,
    applicationName: row.applicationName,
    createdAt: toIso(row.createdAt),
    credential:
      createdAt === null
        ? null
        : { createdAt: toIso(createdAt), lastUsedAt: lastUsedAt === null ? null : toIso(lastUsedAt) },
  }
}
