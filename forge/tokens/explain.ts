import { decide, type Decision } from '../access/decide.ts'
import { liveLevel, type Question, type TokenFacts } from '../access/rules.ts'
import type { ExplainToken, Explanation, Preview, PreviewToken } from '../contract/explain.ts'
import type { JudgedTool } from '../contract/tool.ts'
import { ROLE_LEVELS, roleFromLevel } from '../contract/role.ts'
import type { HostFacts, SessionUser } from '../directory/directory.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { findOffered, hintsOf } from '../tools/registry.ts'
import { rulesOf } from '../tools/rules.ts'
import { findTeamFacts } from './facts.ts'
import { findParents, type Parent } from './parents.ts'
import { instancesOf } from './reach.ts'
import { factsOf, grantsOf } from './record.ts'
import { noSuchToken, type TokenStore } from './store.ts'
import { judgeTools } from './token-tools.ts'
import { checkWish, listTargets, type TokenWish } from './wish.ts'

/** Instances that a preview explains; a team may have thousands, and the first ones tell what there is to tell. */
const MAX_PREVIEWED = 50

/**
 * Why a token of the person may or may not be used at an instance now: what introspection decides, in words.
 * @throws {ForgeError} not_found
 */
export async function explainToken(
  store: TokenStore,
  ownerId: string,
  { id, instanceId, tool }: ExplainToken & { id: string },
): Promise<Explanation> {
  const row = await store.models.Token.findOne({ where: { id, userId: ownerId }, include: 'grants' })
  if (!row) throw noSuchToken()

  // Of an instance that is neither theirs nor the token's, nobody learns whether it exists.
  const grants = grantsOf(row)
  const named = grants.some((grant) => grant.type === 'instance' && grant.id === instanceId)
  const host = await store.directory.access(ownerId, instanceId)
  if (!named && (host?.teamRoleLevel ?? null) === null) throw noSuchInstance()

  const parents = (await findParents(store.db, [row.parentId]))(row.parentId)
  const facts = factsOf(row, grants, parents)
  const question = tool
    ? { token: facts, tool: await toolInQuestion(store, host, { instanceId, tool }) }
    : { token: facts }
  return explainAt(store, { host, instanceId, tokenId: id, parents }, question)
}

/** Who may not see the tools of an instance learns nothing of them: the role alone refuses them all. */
async function toolInQuestion(
  { db }: TokenStore,
  host: HostFacts | null,
  { instanceId, tool }: { instanceId: string; tool: NonNullable<ExplainToken['tool']> },
): Promise<JudgedTool> {
  if (!('name' in tool)) return { name: 'in question', hints: tool }

  const { server, name } = tool
  if (!host || liveLevel(host) < ROLE_LEVELS.viewer) return { name }

  const [offered, rules] = await Promise.all([findOffered(db, { instanceId, server, name }), rulesOf(db, instanceId)])
  if (!offered) throw new ForgeError('not_found', 'The instance offers no such tool.')
  return { name, hints: hintsOf(offered), override: rules.find(server, name) }
}

/** What minting would be answered, and what the token would be worth at each instance that it reaches now. */
export async function previewToken(
  store: TokenStore,
  { userId: ownerId, providerId }: Pick<SessionUser, 'userId' | 'providerId'>,
  input: PreviewToken,
): Promise<Preview> {
  const { role, readOnly, tools = null, grants, reason } = input
  const now = Date.now()
  const expiresAt = input.expiresAt === null ? null : new Date(input.expiresAt)
  const targets = await listTargets(store, ownerId, providerId)
  const outcome = tryWish(() =>
    checkWish(targets, { role, readOnly, tools, grants, reason, expiresAt } satisfies TokenWish, now),
  )

  const life = {
    createdAt: now,
    expiresAt: expiresAt?.getTime() ?? null,
    revokedAt: null,
    retiresAt: null,
    endNoted: false,
  }
  const token: TokenFacts = { role, readOnly, tools, grants, ...life }
  const instances: Explanation[] = []
  for (const { id: instanceId } of instancesOf(targets, grants).slice(0, MAX_PREVIEWED)) {
    const host = await store.directory.access(ownerId, instanceId)
    instances.push(await explainAt(store, { host, instanceId, tokenId: '', parents: [] }, { token }))
  }

  const approvals = targets.teams
    .filter(({ id }) => outcome.teamIds.includes(id))
    .map(({ id, name }) => ({ teamId: id, teamName: name }))
  const question = { ownerId, tokenId: '', parents: [], token, calls: new Map() }
  return { refusal: outcome.refusal, approvals, instances, tools: await judgeTools(store, targets, question) }
}

const noSuchInstance = () => new ForgeError('not_found', 'There is no such instance that you may see.')

interface Place {
  host: HostFacts | null
  instanceId: string
  /** Empty before the token exists: nobody has approved it, nobody has cut it off. */
  tokenId: string
  parents: readonly Parent[]
}

async function explainAt(
  { db }: TokenStore,
  { host, instanceId, tokenId, parents }: Place,
  question: Pick<Question, 'token' | 'tool'>,
): Promise<Explanation> {
  const live = host && { ...host, ...(await findTeamFacts(db, { tokenId, parents, teamId: host.team.id, instanceId })) }
  const decision = decide({ ...question, live, now: Date.now() })

  return {
    // A team that the person has left gives them no names any more.
    instance: { id: instanceId, name: host && host.teamRoleLevel !== null ? host.instance.name : null },
    allowed: decision.allowed,
    role: decision.allowed ? decision.role : null,
    readOnly: decision.allowed && decision.readOnly,
    mcpOnly: decision.allowed && decision.mcpOnly,
    summary: summarise(decision, question.token, live),
    rules: decision.rules.map(({ rule, reason }) => ({ rule, holds: reason === null, reason })),
  }
}

function summarise(decision: Decision, token: TokenFacts, live: (Question['live'] & HostFacts) | null): string {
  if (!decision.allowed) return decision.rules.at(-1)?.reason ?? 'It does not work there.'
  if (!live) return ''

  const works = `It works there as ${decision.role}${decision.readOnly ? ', read-only' : ''}.`
  const own = roleFromLevel(liveLevel(live))
  if (own && ROLE_LEVELS[own] < ROLE_LEVELS[token.role]) {
    return `${works} It is capped: you are ${own} in ${live.team.name}${since(live.roleSince)}.`
  }
  const lowered = ROLE_LEVELS[live.policy.maxRole] < ROLE_LEVELS[token.role] || (decision.readOnly && !token.readOnly)
  return lowered ? `${works} The policy of ${live.team.name} allows no more.` : works
}

const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' })

function since(time: number | null): string {
  return time === null ? '' : ` since ${DAY.format(time)}`
}

/** The teams that would be asked, or the refusal as minting would answer it. */
function tryWish(check: () => string[]): { teamIds: string[]; refusal: Preview['refusal'] } {
  try {
    return { teamIds: check(), refusal: null }
  } catch (error) {
    if (!(error instanceof ForgeError)) throw error
    return { teamIds: [], refusal: { code: error.code, error: error.message } }
  }
}
