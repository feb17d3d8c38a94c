import { lowestIdAt } from '../audit/entry-id.ts'
import type { Grant } from '../contract/grant.ts'
import { ROLE_LEVELS, type Role } from '../contract/role.ts'
import { GRANT_LIST_LIMIT, TOOL_LIST_LIMIT, type UpdateToken, type UsedToken } from '../contract/token.ts'
import type { TokenTool } from '../contract/tool-registry.ts'
import { addressKey } from '../limits/address-key.ts'
import { selectRows } from '../sql/rows.ts'
import { findParents } from './parents.ts'
import { instancesOf, isReached } from './reach.ts'
import { factsOf, grantsOf } from './record.ts'
import { noSuchToken, type TokenStore } from './store.ts'
import { callKey, judgeTools, type ToolsQuestion } from './token-tools.ts'
import { lastDays, startOf } from './usage.ts'
import { listTargets } from './wish.ts'

/** Ways of calling that are looked at. A token that has more is not narrowed by hand either. */
const MAX_WAYS = 1_000

interface CallRow {
  instanceId: string
  server: string
  tool: string
  client: string | null
  address: string | null
  calls: number | string
}

/**
 * What a token was used for in the last 30 days, and what it could be narrowed to without any of that being refused.
 * @throws {ForgeError} not_found
 */
export async function getUsed(store: TokenStore, ownerId: string, id: string): Promise<UsedToken> {
  const row = await store.models.Token.findOne({ where: { id, userId: ownerId }, include: 'grants' })
  if (!row) throw noSuchToken()

  const since = startOf(lastDays(Date.now()))
  const calls = await callsOf(store, id, since)
  const lastAt = row.lastUsedAt && row.lastUsedAt.getTime() >= since ? row.lastUsedInstanceId : null
  const instances = new Set([...calls.map(({ instanceId }) => instanceId), ...(lastAt === null ? [] : [lastAt])])

  const used = {
    calls: calls.reduce((sum, each) => sum + Number(each.calls), 0),
    instances: instances.size,
    tools: new Set(calls.map(({ tool }) => tool)).size,
    clients: distinct(calls.map(({ client }) => client)),
    networks: distinct(calls.map(({ address }) => (address === null ? null : addressKey(address)))),
  }
  if (instances.size === 0 || calls.length >= MAX_WAYS || (await isExchanged(store, id))) {
    return { ...used, shrink: null }
  }

  const parents = (await findParents(store.db, [row.parentId]))(row.parentId)
  const token = factsOf(row, grantsOf(row), parents)
  const question: ToolsQuestion = { ownerId, tokenId: id, parents, token, calls: new Map() }
  // A use outside the log of calls may have been a plain request, of which nobody knows what it did.
  const onlyTools = lastAt === null || calls.some(({ instanceId }) => instanceId === lastAt)
  return { ...used, shrink: await shrink(store, { question, calls, instances, onlyTools }) }
}

/** Others came of it, which may do no more than it, elsewhere too; what they did is not looked at. */
async function isExchanged({ models }: TokenStore, id: string): Promise<boolean> {
  return (await models.Token.count({ where: { parentId: id } })) > 0
}

function callsOf({ db }: TokenStore, tokenId: string, since: number): Promise<CallRow[]> {
  return selectRows<CallRow>(
    db,
    `SELECT instance_id AS "instanceId", server, tool, client, address, count(*) AS calls FROM pat_tool_calls
      WHERE token_id = $1 AND id >= $2 AND outcome <> 'refused'
      GROUP BY instance_id, server, tool, client, address LIMIT ${MAX_WAYS}`,
    [tokenId, lowestIdAt(since)],
  )
}

const distinct = (values: readonly (string | null)[]) => new Set(values.filter((value) => value !== null)).size

type Power = Required<Pick<UpdateToken, 'role' | 'readOnly'>>

interface Use {
  question: ToolsQuestion
  calls: readonly CallRow[]
  instances: ReadonlySet<string>
  /** Everything that is known was a call of a tool. */
  onlyTools: boolean
}

/** Null where there is nothing to take away. */
async function shrink(store: TokenStore, use: Use): Promise<UpdateToken | null> {
  const { question, calls, onlyTools } = use
  const targets = await listTargets(store, question.ownerId)
  const grants = narrowGrants(targets, use)
  const tools = calls.length > 0 ? narrowTools(question.token.tools, calls) : null
  const narrowed = { ...question.token, ...(grants && { grants }), ...(tools && { tools }) }

  const judge = async (change: Power) => {
    const { count, tools: listed } = await judgeTools(store, targets, {
      ...question,
      token: { ...narrowed, ...change },
    })
    return count > listed.length ? null : callable(listed)
  }
  const power = onlyTools && calls.length > 0 ? await leastPower(question.token, calls, judge) : {}

  const change = { ...(grants && { grants }), ...(tools && { tools }), ...power }
  return Object.keys(change).length > 0 ? change : null
}

/** Every instance that was used by its name, where that is less than what the token names. */
function narrowGrants(targets: Parameters<typeof instancesOf>[0], { question, instances }: Use): Grant[] | null {
  const { grants } = question.token
  const reached = instancesOf(targets, grants)
  const kept = reached
    .filter(({ id }) => instances.has(id))
    .map(({ id }): Grant => ({ type: 'instance', id }))
    .filter((grant) => isReached(targets, grant))
  const isLess = kept.length < reached.length || grants.some(({ type }) => type !== 'instance')
  return kept.length > 0 && kept.length <= GRANT_LIST_LIMIT && isLess ? kept : null
}

function narrowTools(listed: readonly string[] | null, calls: readonly CallRow[]): string[] | null {
  const called = new Set(calls.map(({ tool }) => tool))
  const kept = listed === null ? [...called] : listed.filter((name) => called.has(name))
  return kept.length > 0 && kept.length <= TOOL_LIST_LIMIT && kept.length !== listed?.length ? kept.sort() : null
}

/** Read-only where that is enough, and the lowest role with which all that was called can still be called. */
async function leastPower(
  { role, readOnly }: Power,
  calls: readonly CallRow[],
  /** What can be called then; null where there is too much to look at. */
  judge: (change: Power) => Promise<ReadonlySet<string> | null>,
): Promise<Partial<Power>> {
  const can = await judge({ role, readOnly })
  if (can === null) return {}
  const needed = [...new Set(calls.map(callKey))].filter((key) => can.has(key))
  // What was called is gone, or refused by now: nothing to measure by.
  if (needed.length === 0) return {}

  for (const change of lesser(role, readOnly)) {
    const still = await judge(change)
    if (!needed.every((key) => still?.has(key))) continue
    return {
      ...(change.role !== role && { role: change.role }),
      ...(change.readOnly !== readOnly && { readOnly: true }),
    }
  }
  return {}
}

/** From the least to what it is. The role dashboard sees no tools. */
function lesser(role: Role, readOnly: boolean): Power[] {
  const roles = (['viewer', 'member', 'owner'] as const).filter((each) => ROLE_LEVELS[each] <= ROLE_LEVELS[role])
  const both = roles.flatMap((each) => [true, false].map((only) => ({ role: each, readOnly: only })))
  return both.filter((each) => each.readOnly || !readOnly)
}

const callable = (tools: readonly TokenTool[]): ReadonlySet<string> =>
  new Set(
    tools
      .filter(({ allowed }) => allowed)
      .map(({ instance, server, name }) => callKey({ instanceId: instance.id, server: server.path, tool: name })),
  )
