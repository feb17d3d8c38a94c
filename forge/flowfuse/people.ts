import type { Sequelize } from 'sequelize'

import type { Person, TargetIds, TargetNames } from '../directory/directory.ts'
import { placesFor, selectRows, type RawBoolean } from '../sql/rows.ts'
import { INSTANCE_IN_TEAM } from './access.ts'
import type { IdCodec, PlaceCodec } from './ids.ts'
import type { FlowFuseStore } from './store.ts'

/** The numbers behind those of the ids that are any. */
export function numbersOf(codec: IdCodec, ids: readonly string[]): number[] {
  return ids.map((id) => codec.decode(id)).filter((id) => id !== null)
}

export async function findPeople({ db, ids }: FlowFuseStore, userIds: readonly string[]): Promise<Person[]> {
  const users = numbersOf(ids.user, userIds)
  if (users.length === 0) return []

  const rows = await selectRows<Omit<Person, 'id' | 'suspended'> & { id: number; suspended: RawBoolean | null }>(
    db,
    `SELECT u."id", u."username", coalesce(u."name", u."username") AS "name", u."email", u."suspended"
     FROM "Users" u WHERE u."id" IN (${placesFor(users)})`,
    users,
  )
  return rows.map(({ id, suspended, ...person }) => ({
    id: ids.user.encode(id),
    ...person,
    suspended: Boolean(suspended),
  }))
}

export async function findNames(store: FlowFuseStore, wanted: TargetIds): Promise<TargetNames> {
  const { db, ids } = store
  const teams = await selectByIds<{ id: number; name: string }>(
    db,
    'SELECT t."id", t."name" FROM "Teams" t WHERE t."id"',
    numbersOf(ids.team, wanted.teams),
  )
  return {
    instances: await namesOfPlaces(db, INSTANCES, ids.instance, wanted.instances),
    applications: await namesOfPlaces(db, APPLICATIONS, ids.application, wanted.applications),
    teams: new Map(teams.map(({ id, name }) => [ids.team.encode(id), name])),
  }
}

const APPLICATIONS = 'SELECT a."id", a."name", a."TeamId" AS "team" FROM "Applications" a WHERE a."id"'
const INSTANCES = `SELECT p."id", p."name", t."id" AS "team" FROM ${INSTANCE_IN_TEAM} WHERE p."id"`

/** Those that are still in the team that their id says. */
async function namesOfPlaces<Id extends number | string>(
  db: Sequelize,
  sql: string,
  codec: PlaceCodec<Id>,
  wanted: string[],
): Promise<Map<string, string>> {
  const places = wanted.map((id) => codec.decode(id)).filter((place) => place !== null)
  const rows = await selectByIds<{ id: Id; name: string; team: number }>(
    db,
    sql,
    places.map(({ id }) => id),
  )
  const named = rows.map(({ id, name, team }): [string, string] => [codec.encode(id, team), name])
  return new Map(named.filter(([id]) => wanted.includes(id)))
}

/** @param sql up to the column of the ids; written by us, never by a caller */
async function selectByIds<Row extends object>(
  db: Sequelize,
  sql: string,
  ids: readonly (number | string)[],
): Promise<Row[]> {
  return ids.length === 0 ? [] : selectRows<Row>(db, `${sql} IN (${placesFor(ids)})`, [...ids])
}
