import type { Person, TargetIds, TargetNames } from '../directory/directory.ts'
import { placesFor, selectRows, type RawBoolean } from '../sql/rows.ts'
import { isInstanceId, type IdCodec } from './ids.ts'
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

export async function findNames(
  { db, ids }: FlowFuseStore,
  { instances, applications, teams }: TargetIds,
): Promise<TargetNames> {
  const encodedNames = async (table: string, codec: IdCodec, wanted: string[]) => {
    const named = await namesOf<number>(db, table, numbersOf(codec, wanted))
    return new Map(named.map(({ id, name }) => [codec.encode(id), name]))
  }
  const named = await namesOf<string>(db, 'Projects', instances.filter(isInstanceId))
  return {
    instances: new Map(named.map(({ id, name }) => [id, name])),
    applications: await encodedNames('Applications', ids.application, applications),
    teams: await encodedNames('Teams', ids.team, teams),
  }
}

/** @param table one of FlowFuse's, never what a caller sent */
async function namesOf<Id>(db: FlowFuseStore['db'], table: string, ids: Id[]): Promise<{ id: Id; name: string }[]> {
  if (ids.length === 0) return []
  return selectRows(db, `SELECT n."id", n."name" FROM "${table}" n WHERE n."id" IN (${placesFor(ids)})`, ids)
}
