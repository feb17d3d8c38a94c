import { lowestIdAt } from '../audit/entry-id.ts'
import { decide } from '../access/decide.ts'
import type { LiveFacts, TokenFacts } from '../access/rules.ts'
import { ROLE_LEVELS } from '../contract/role.ts'
import type { TokenTargets } from '../contract/targets.ts'
import { TOKEN_TOOLS_LIMIT, type TokenTool, type TokenTools } from '../contract/tool-registry.ts'
import { toolRequirement } from '../contract/tool.ts'
import { selectRows, type RawTime } from '../sql/rows.ts'
import { toEpochMs, toIso } from '../sql/time.ts'
import { hintsOf, loadOffered, type ListedTool } from '../tools/registry.ts'
import { loadRules, type RuleSet } from '../tools/rules.ts'
import { findTeamFacts } from './facts.ts'
import { findParents, type Parent } from './parents.ts'
import { instancesOf } from './reach.ts'
import { factsOf, grantsOf } from './record.ts'
import { noSuchToken, type TokenStore } from './store.ts'
import { lastDays, startOf } from './usage.ts'
import { listTargets } from './wish.ts'

/**
 * What a token of the person can call and what not, where it reaches now, and what it did call in the last 30 days.
 * @throws {ForgeError} not_found
 */
export async function listTokenTools(store: TokenStore, ownerId: string, id: string): Promise<TokenTools> {
  const row = await store.models.Token.findOne({ where: { id, userId: ownerId }, include: 'grants' })
  if (!row) throw noSuchToken()

  const parents = (await findParents(store.db, [row.parentId]))(row.parentId)
  const token = factsOf(row, grantsOf(row), parents)
  const targets = await listTargets(store, ownerId)
  return judgeTools(store, targets, { ownerId, tokenId: id, parents, token, calls: await lastCalls(store, id) })
}

export interface ToolsQuestion {
  ownerId: string
  /** Empty before the token exists: nobody has approved it, nobody has cut it off. */
  tokenId: string
  /** What it was exchanged for. */
  parents: readonly Parent[]
  token: TokenFacts
  /** When which tool was called last; empty before the token exists. */
  calls: ReadonlyMap<string, RawTime>
}

/** What a token, or the wish for one, can call and what not: the access decision, tool by tool. */
export async function judgeTools(
  store: TokenStore,
  targets: TokenTargets,
  question: ToolsQuestion,
): Promise<TokenTools> {
  return judgeToolsAt(store, instancesOf(whereToolsAreSeen(targets), question.token.grants), question)
}

/** The same at these instances alone. */
export async function judgeToolsAt(
  store: TokenStore,
  instances: readonly { id: string; name: string }[],
  question: ToolsQuestion,
): Promise<TokenTools> {
  const ids = instances.map(({ id }) => id)
  const offered = byInstance(await loadOffered(store.db, ids))
  const rules = await loadRules(store.db, [...offered.keys()])

  const tools: TokenTool[] = []
  for (const instance of instances) {
    const here = offered.get(instance.id)?.slice(0, TOKEN_TOOLS_LIMIT - tools.length) ?? []
    if (here.length === 0) continue

    const live = await liveAt(store, question, instance.id)
    const place = { instance: { id: instance.id, name: instance.name }, live, rules: rules.get(instance.id) }
    tools.push(...here.map((tool) => judge(question, place, tool)))
  }
  const count = [...offered.values()].reduce((sum, { length }) => sum + length, 0)
  return { count, tools }
}

function byInstance(tools: ListedTool[]): Map<string, ListedTool[]> {
  const groups = new Map<string, ListedTool[]>()
  for (const tool of tools) {
    const group = groups.get(tool.instanceId)
    if (group) group.push(tool)
    else groups.set(tool.instanceId, [tool])
  }
  return groups
}

/** Tools are shown to viewers and up, here as in the list of an instance. */
function whereToolsAreSeen({ teams }: TokenTargets): TokenTargets {
  const isSeen = ({ role }: { role: keyof typeof ROLE_LEVELS }) => ROLE_LEVELS[role] >= ROLE_LEVELS.viewer
  return { teams: teams.map((team) => ({ ...team, applications: team.applications.filter(isSeen) })) }
}

async function liveAt(
  { db, directory }: TokenStore,
  { ownerId, tokenId, parents }: ToolsQuestion,
  instanceId: string,
): Promise<LiveFacts | null> {
  const host = await directory.access(ownerId, instanceId)
  return host && { ...host, ...(await findTeamFacts(db, { tokenId, parents, teamId: host.team.id, instanceId })) }
}

interface Place {
  instance: { id: string; name: string }
  live: LiveFacts | null
  rules: RuleSet | undefined
}

function judge({ token, calls }: ToolsQuestion, { instance, live, rules }: Place, tool: ListedTool): TokenTool {
  const hints = hintsOf(tool)
  const override = rules?.find(tool.serverPath, tool.name) ?? null
  const decision = decide({ token, live, tool: { name: tool.name, hints, override }, now: Date.now() })
  const lastCall = calls.get(callKey({ instanceId: instance.id, server: tool.serverPath, tool: tool.name }))

  return {
    instance,
    server: { path: tool.serverPath, name: tool.serverName },
    name: tool.name,
    title: tool.title,
    writes: toolRequirement(hints).writes,
    allowed: decision.allowed,
    reason: decision.allowed ? null : (decision.rules.at(-1)?.reason ?? null),
    sinceMinted: sinceMinted(tool, token.createdAt),
    lastCalledAt: lastCall === undefined ? null : toIso(lastCall),
  }
}

function sinceMinted({ firstSeenAt, changedAt }: ListedTool, mintedAt: number): TokenTool['sinceMinted'] {
  if (toEpochMs(firstSeenAt) > mintedAt) return 'new'
  return changedAt !== null && toEpochMs(changedAt) > mintedAt ? 'changed' : null
}

interface CallRow {
  instanceId: string
  server: string
  tool: string
  at: RawTime
}

/** Refused calls used nothing. */
export async function lastCalls({ db }: TokenStore, tokenId: string): Promise<Map<string, RawTime>> {
  const since = lowestIdAt(startOf(lastDays(Date.now())))
  const rows = await selectRows<CallRow>(
    db,
    `SELECT instance_id AS "instanceId", server, tool, max(called_at) AS "at" FROM pat_tool_calls
      WHERE token_id = $1 AND id >= $2 AND outcome <> 'refused' GROUP BY instance_id, server, tool`,
    [tokenId, since],
  )
  return new Map(rows.map((row) => [callKey(row), row.at]))
}

/** One way of calling, as the key of a map. No id and no path has a blank in it. */
export function callKey({ instanceId, server, tool }: Pick<CallRow, 'instanceId' | 'server' | 'tool'>): string {
  return `${instanceId} ${server} ${tool}`
}
