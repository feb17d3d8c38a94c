import type { Sequelize, Transaction } from 'sequelize'

import type { SystemActor } from '../audit/actor.ts'
import type { GrantType } from '../contract/grant.ts'
import type { EndReason } from '../contract/token.ts'
import type { TargetIds } from '../directory/directory.ts'
import type { Task } from '../housekeeping/task.ts'
import { selectRows, writeRows } from '../sql/rows.ts'
import type { TokenRow } from './model.ts'
import { stateOf } from './present.ts'
import type { TokenStore } from './store.ts'
import { tracesOf } from './traces.ts'

const SYSTEM: SystemActor = { type: 'system', name: 'cleanup' }

/** Ids that the host is asked about at once, and tokens that one transaction ends. */
const BATCH = 500

/** Cleans up after what the host deleted without saying so. */
export function cleanupTask(store: TokenStore): Task {
  return {
    name: 'cleanup',
    everySeconds: 3600,
    run: (_now, shouldStop) => cleanUp(store, shouldStop),
  }
}

/**
 * Ends the tokens of people who are gone and those that have nothing left to reach, and removes what is kept about
 * people, teams, applications and instances that are gone. Access does not wait for it: the decision refuses what does
 * not exist. Right however often it runs, and however many at once.
 */
export async function cleanUp(store: TokenStore, shouldStop = () => false): Promise<void> {
  const { db } = store

  for await (const userId of gonePeople(store, {
    table: 'pat_tokens',
    column: 'user_id',
    where: 'revoked_at IS NULL',
  })) {
    if (shouldStop()) return
    await endTokensOf(store, userId)
  }
  for await (const userId of gonePeople(store, { table: 'pat_notices', column: 'user_id' })) {
    await writeRows(db, 'DELETE FROM pat_notices WHERE user_id = $1', [userId])
  }

  for (const type of ['instance', 'application', 'team'] as const) {
    const grants = { table: 'pat_token_grants', column: 'target_id', where: `type = '${type}'` }
    for await (const id of goneTargets(store, type, grants)) {
      if (shouldStop()) return
      await removeGrants(store, { type, id })
    }
  }
  for (const { type, ...place } of KEPT_ABOUT) {
    const { table, column, where = '1 = 1' } = place
    for await (const id of goneTargets(store, type, place)) {
      await writeRows(db, `DELETE FROM ${table} WHERE ${where} AND ${column} = $1`, [id])
    }
  }
}

/** A column that holds ids of the host; all of it written by us. */
interface Place {
  table: string
  column: string
  where?: string
}

/** What is kept about teams and instances beside grants. */
const KEPT_ABOUT: (Place & { type: GrantType })[] = [
  { type: 'team', table: 'pat_policies', column: 'team_id' },
  { type: 'team', table: 'pat_oauth_clients', column: 'team_id' },
  { type: 'team', table: 'pat_approvals', column: 'team_id' },
  { type: 'team', table: 'pat_cuts', column: 'scope_id', where: "scope_type = 'team'" },
  { type: 'instance', table: 'pat_cuts', column: 'scope_id', where: "scope_type = 'instance'" },
  { type: 'instance', table: 'pat_tool_sets', column: 'instance_id' },
  { type: 'instance', table: 'pat_tools', column: 'instance_id' },
  { type: 'instance', table: 'pat_tool_rules', column: 'instance_id' },
]

async function* gonePeople({ db, directory }: TokenStore, place: Place): AsyncGenerator<string, void, void> {
  for await (const ids of batchesOf(db, place)) {
    const present = new Set((await directory.people(ids)).map(({ id }) => id))
    yield* ids.filter((id) => !present.has(id))
  }
}

async function* goneTargets(
  { db, directory }: TokenStore,
  type: GrantType,
  place: Place,
): AsyncGenerator<string, void, void> {
  const kind = ({ instance: 'instances', application: 'applications', team: 'teams' } as const)[type]
  const none: TargetIds = { instances: [], applications: [], teams: [] }

  for await (const ids of batchesOf(db, place)) {
    const names = await directory.names({ ...none, [kind]: ids })
    yield* ids.filter((id) => !names[kind].has(id))
  }
}

/** The ids in a column, each once. */
async function* batchesOf(
  db: Sequelize,
  { table, column, where = '1 = 1' }: Place,
): AsyncGenerator<string[], void, void> {
  const sql = `SELECT DISTINCT ${column} AS id FROM ${table} WHERE ${where} AND ${column} > $1 ORDER BY ${column} LIMIT $2`
  let last = ''

  for (;;) {
    const rows = await selectRows<{ id: string }>(db, sql, [last, BATCH])
    if (rows.length === 0) return
    yield rows.map(({ id }) => id)
    last = rows.at(-1)?.id ?? last
  }
}

async function endTokensOf(store: TokenStore, userId: string): Promise<void> {
  let ended: TokenRow[]
  do {
    ended = await store.db.transaction(async (transaction) => {
      const rows = await lockTokens(store, { userId, revokedAt: null }, transaction)
      await endAll(store, { rows, reason: 'owner_deleted' }, transaction)
      return rows
    })
  } while (ended.length === BATCH)
}

/** Takes a grant from all tokens that have it; those that had no other end. */
async function removeGrants(store: TokenStore, { type, id: targetId }: { type: GrantType; id: string }): Promise<void> {
  const { Grant } = store.models
  let found: number
  do {
    const some = await Grant.findAll({ where: { type, targetId }, order: ['tokenId'], limit: BATCH })
    const tokenId = some.map((grant) => grant.tokenId)
    found = tokenId.length

    await store.db.transaction(async (transaction) => {
      const rows = await lockTokens(store, { id: tokenId }, transaction)
      await Grant.destroy({ where: { type, targetId, tokenId }, transaction })

      const left = await Grant.findAll({ where: { tokenId }, attributes: ['tokenId'], transaction })
      const reaching = new Set(left.map((grant) => grant.tokenId))
      const live = rows.filter((row) => !reaching.has(row.id) && row.revokedAt === null)
      await endAll(store, { rows: live, reason: 'nothing_left_to_reach' }, transaction)
    })
  } while (found === BATCH)
}

/** In one order, so that two who clean up at once take turns. */
function lockTokens(
  { models }: TokenStore,
  where: { id: string[] } | { userId: string; revokedAt: null },
  transaction: Transaction,
): Promise<TokenRow[]> {
  return models.Token.findAll({ where, order: ['id'], limit: BATCH, lock: transaction.LOCK.UPDATE, transaction })
}

/** Those that have ended otherwise are marked too, but there is nothing to say of it. */
async function endAll(
  store: TokenStore,
  { rows, reason }: { rows: TokenRow[]; reason: EndReason },
  transaction: Transaction,
): Promise<void> {
  const now = new Date()
  const id = rows.map((row) => row.id)
  await store.models.Token.update(
    { revokedAt: now, endReason: reason },
    { where: { id, revokedAt: null }, transaction },
  )

  for (const row of rows.filter((each) => ['active', 'retiring'].includes(stateOf(each, now.getTime())))) {
    const { owner, scopes } = await tracesOf(store.db, row, transaction)
    const token = { id: row.id, name: row.name, owner }
    await store.audit.write({ event: 'user.pat.revoked', actor: SYSTEM, token, scopes, body: { reason } }, transaction)
  }
}
