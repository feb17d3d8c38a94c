import type { Sequelize } from 'sequelize'

import type { Grant } from '../contract/grant.ts'
import type { AccessSql, Directory } from '../directory/directory.ts'
import { inBatches } from '../sql/in-batches.ts'
import { selectPrepared, type Statement } from '../sql/prepared.ts'
import { selectRows } from '../sql/rows.ts'
import {
  createTokenFinder,
  findTeamFacts,
  foundFrom,
  teamColumns,
  teamFactsFrom,
  TOKEN_COLUMNS,
  type FoundToken,
  type KnownToken,
  type TeamColumns,
  type TokenColumns,
} from './facts.ts'
import type { Live } from './memory.ts'
import { lineFrom, parentFrom, type ParentColumns } from './parents.ts'

/** A token that was proved, and what there is to know of its holder at an instance. */
export interface Known {
  token: KnownToken
  /** Null when the person or the instance does not exist, or no instance was asked about. */
  live: Live | null
}

/** Reads fresh what a decision looks at. */
export interface Facts {
  /** What a selector leads to, before anything is proved; null when there is no such token. */
  find(selector: string): Promise<FoundToken | null>

  /**
   * All of it. Only for who has proved the secret: it takes longer the more a token may.
   *
   * In one statement where the host's tables are in the same database, else in one for the token, one for what the
   * host says, and one for what the team does. Null when there is no such token.
   * @param held the token, where it need not be read again
   */
  read(selector: string, instanceId: string | null, held: KnownToken | null): Promise<Known | null>
}

export function createFacts(db: Sequelize, directory: Directory): Facts {
  const { accessSql } = directory
  const read = accessSql ? readInOne(db, accessSql) : readInTurn(db, directory)
  return { find: createTokenFinder(db), read }
}

type TokenRow = TokenColumns & {
  tools: string | null
  /** JSON: the grants of the token and of those that it was exchanged for. */
  grants: string | null
  parent1: string | null
  parent2: string | null
  parent3: string | null
}

function readInOne(db: Sequelize, host: AccessSql): Facts['read'] {
  const readRow = db.getDialect() === 'postgres' ? readTogether(db, host) : readAlone(db, host)

  return async (selector, instanceId) => {
    const row = await readRow({ selector, instanceId: instanceId ?? '' })
    const token = row ? knownFrom(row) : null
    if (!row || !token) return null

    const facts = host.read({ ...row })
    return { token, live: facts && { ...facts, ...teamFactsFrom(row) } }
  }
}

interface Asked {
  selector: string
  instanceId: string
}

type FactsRow = TokenRow & TeamColumns
type ReadRow = (asked: Asked) => Promise<FactsRow | undefined>

/** Tokens that are asked for at the same time share the way to the database, which takes longer than the reading. */
function readTogether(db: Sequelize, host: AccessSql): ReadRow {
  const statement: Statement = {
    name: 'pat_facts_of_many',
    text: `SELECT CAST(asked.n AS INTEGER) AS n, ${factColumns(db)}
      FROM unnest(CAST($1 AS BPCHAR[]), CAST($2 AS VARCHAR[])) WITH ORDINALITY AS asked (selector, instance_id, n)
      JOIN pat_tokens t ON t.selector = asked.selector ${JOIN_LINE}
      CROSS JOIN LATERAL (SELECT t.user_id) AS holder (id) -- a name that the host's own do not hide
      LEFT JOIN LATERAL (${host.select('holder.id', 'asked.instance_id')}) h ON true ${JOIN_POLICY}`,
  }
  return inBatches(async (asked: Asked[]) => {
    const values = [asked.map(({ selector }) => selector), asked.map(({ instanceId }) => instanceId)]
    const rows = await selectPrepared<FactsRow & { n: number }>(db, statement, values)
    const answers = new Array<FactsRow | undefined>(asked.length)
    for (const row of rows) answers[row.n - 1] = row
    return answers
  })
}

function readAlone(db: Sequelize, host: AccessSql): ReadRow {
  const holder = '(SELECT user_id FROM pat_tokens WHERE selector = $1)'
  const text = `SELECT ${factColumns(db)} FROM pat_tokens t ${JOIN_LINE}
    LEFT JOIN (${host.select(holder, '$2')}) h ON true ${JOIN_POLICY}
   WHERE t.selector = $1`
  return async ({ selector, instanceId }) => (await selectRows<FactsRow>(db, text, [selector, instanceId]))[0]
}

function readInTurn(db: Sequelize, directory: Directory): Facts['read'] {
  const statement: Statement = {
    name: 'pat_token_facts',
    text: `SELECT ${tokenColumns(db)} FROM pat_tokens t ${JOIN_LINE} WHERE t.selector = $1`,
  }
  const readToken = async (selector: string) => {
    const [row] = await selectPrepared<TokenRow>(db, statement, [selector])
    return row ? knownFrom(row) : null
  }

  return async (selector, instanceId, held) => {
    const token = held ?? (await readToken(selector))
    if (!token || instanceId === null) return token && { token, live: null }

    const host = await directory.access(token.userId, instanceId)
    if (!host) return { token, live: null }
    const about = { tokenId: token.id, parents: token.parents, teamId: host.team.id, instanceId }
    return { token, live: { ...host, ...(await findTeamFacts(db, about)) } }
  }
}

/** A token and the three at most that it came of (`MAX_EXCHANGES`). */
const JOIN_LINE = `LEFT JOIN pat_tokens p1 ON p1.id = t.parent_id
      LEFT JOIN pat_tokens p2 ON p2.id = p1.parent_id
      LEFT JOIN pat_tokens p3 ON p3.id = p2.parent_id`
const LINE = 't.id, t.parent_id, p1.parent_id, p2.parent_id'
const ROOT = 'coalesce(p3.parent_id, p2.parent_id, p1.parent_id, t.parent_id, t.id)'

/** What the team says, once the host has said which. */
const JOIN_POLICY = 'LEFT JOIN pat_policies p ON p.team_id = h."teamId"'

/** The columns of a `FactsRow`, and those of the host. */
function factColumns(db: Sequelize): string {
  const team = teamColumns({ rootId: ROOT, tokenIds: LINE, teamId: 'h."teamId"', instanceId: 'h."instanceId"' })
  return `h.*, ${tokenColumns(db)}, ${team}`
}

/** The columns of a `TokenRow`. */
function tokenColumns(db: Sequelize): string {
  const [object, list] =
    db.getDialect() === 'postgres' ? ['json_build_object', 'json_agg'] : ['json_object', 'json_group_array']

  const parent = (p: string) =>
    `CASE WHEN ${p}.id IS NOT NULL THEN CAST(${object}('id', ${p}.id, 'roleLevel', ${p}.role_level,
           'readOnly', ${p}.read_only, 'tools', ${p}.tools, 'createdAt', ${p}.created_at, 'expiresAt', ${p}.expires_at,
           'revokedAt', ${p}.revoked_at, 'retiresAt', ${p}.retires_at, 'endNoted', ${p}.end_noted, 'parentId', ${p}.parent_id,
           'actorId', CASE WHEN ${p}.issued_via = 'exchange' THEN ${p}.issued_to_id END) AS TEXT) END`

  return `${TOKEN_COLUMNS}, t.tools,
         (SELECT CAST(${list}(${object}('of', g.token_id, 'type', g.type, 'id', g.target_id)) AS TEXT)
            FROM pat_token_grants g WHERE g.token_id IN (${LINE})) AS grants,
         ${parent('p1')} AS parent1, ${parent('p2')} AS parent2, ${parent('p3')} AS parent3`
}

function knownFrom(row: TokenRow): KnownToken | null {
  const found = foundFrom(row)
  if (!found) return null

  const grants = JSON.parse(row.grants ?? '[]') as (Grant & { of: string })[]
  const grantsOf = (tokenId: string) => grants.flatMap(({ of, type, id }) => (of === tokenId ? [{ type, id }] : []))
  const there = [row.parent1, row.parent2, row.parent3]
    .filter((json) => json !== null)
    .map((json) => JSON.parse(json) as ParentColumns)
    .map((parent) => [parent.id, parentFrom(parent, grantsOf(parent.id))] as const)
  const parents = lineFrom(row.parentId, new Map(there))

  const tools = row.tools === null ? null : (JSON.parse(row.tools) as string[])
  return { ...found, parents, facts: { ...found.facts, grants: grantsOf(found.id), tools, parents } }
}
