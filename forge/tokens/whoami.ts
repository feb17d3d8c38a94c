import { decide, type Decision } from '../access/decide.ts'
import type { RuleName } from '../access/rules.ts'
import type { TokenActor } from '../audit/actor.ts'
import { ownLog } from '../audit/entry.ts'
import { WHOAMI_INSTANCES, type WhoAmI } from '../contract/whoami.ts'
import type { Person } from '../directory/directory.ts'
import { findTeamFacts, type KnownToken } from './facts.ts'
import { instancesOf } from './reach.ts'
import { raiseAlarm } from './retired-use.ts'
import type { TokenStore } from './store.ts'
import { verifyToken, type Verifier } from './verify-token.ts'
import type { WrongSecrets } from './wrong-secrets.ts'
import { listTargets } from './wish.ts'

type Reached = WhoAmI['instances'][number]

/** The text that was presented, and where it came from. */
export interface Presented {
  text: string
  requestId: string
  address: string
  /** What the client calls itself. */
  client: string | null
}

/**
 * What a token that is alive is told about itself, whatever it may do; null for every other text. It is no use at an
 * instance, and is not written down as one.
 * @throws {ForgeError} unavailable
 */
export async function whoAmI(
  store: TokenStore,
  { wrongSecrets, ...verifier }: Verifier & { wrongSecrets: WrongSecrets },
  presented: Presented,
): Promise<WhoAmI | null> {
  const { requestId, address } = presented
  const token = await verifyToken(verifier, presented.text, {
    onWrongSecret: (found) => wrongSecrets.note({ token: found, instanceId: null, requestId, address }),
  })
  const [person] = token ? await store.directory.people([token.userId]) : []
  if (!token || !person || person.suspended) return null

  const refusedBy = ruleAgainst(token, Date.now())
  if (refusedBy !== null) {
    await recordRefusal(store, { token, person, refusedBy, presented })
    return null
  }
  return { ...describe(token, person), ...(await reachedBy(store, token)) }
}

/** The rule by which a token is dead everywhere, or null. Beyond those rules lies the instance, and here there is none. */
function ruleAgainst({ facts }: KnownToken, now: number): RuleName | null {
  const last = decide({ token: facts, live: null, now }).rules.at(-1)
  return !last || last.rule === 'instance_exists' ? null : last.rule
}

function describe({ id, name, facts }: KnownToken, person: Person): Pick<WhoAmI, 'user' | 'token'> {
  const { role, readOnly, tools, expiresAt } = facts
  return {
    user: { id: person.id, username: person.username, name: person.name },
    token: {
      ...{ id, name, role, readOnly },
      tools: tools && [...tools],
      expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    },
  }
}

async function reachedBy(store: TokenStore, token: KnownToken): Promise<Pick<WhoAmI, 'instances' | 'note'>> {
  const reached = instancesOf(await listTargets(store, token.userId), token.facts.grants)
  const instances: Reached[] = []
  for (const { id } of reached.slice(0, WHOAMI_INSTANCES)) {
    const instance = await worthAt(store, token, id)
    if (instance) instances.push(instance)
  }

  const left = reached.length - WHOAMI_INSTANCES
  return { instances, note: left > 0 ? `It reaches ${left} more instances, which are left out here.` : null }
}

/** What introspection would say there. Null for an instance that is gone since the list was made. */
async function worthAt({ db, directory }: TokenStore, token: KnownToken, instanceId: string): Promise<Reached | null> {
  const host = await directory.access(token.userId, instanceId)
  if (!host) return null

  const { team, instance } = host
  const live = {
    ...host,
    ...(await findTeamFacts(db, { tokenId: token.id, parents: token.parents, teamId: team.id, instanceId })),
  }
  const { id, name, url, production } = instance
  return {
    ...{ id, name, url, production },
    team: { id: team.id, name: team.name },
    ...verdict(decide({ token: token.facts, live, now: Date.now() })),
  }
}

function verdict(decision: Decision): Pick<Reached, 'allowed' | 'role' | 'readOnly' | 'mcpOnly' | 'reason'> {
  if (!decision.allowed) {
    const reason = decision.rules.at(-1)?.reason ?? null
    return { allowed: false, role: null, readOnly: false, mcpOnly: false, reason }
  }
  const { role, readOnly, mcpOnly } = decision
  return { allowed: true, role, readOnly, mcpOnly, reason: null }
}

interface RefusedPresentation {
  token: KnownToken
  person: Person
  refusedBy: RuleName
  presented: Presented
}

/** Leaves a trace in the audit; a retired token raises an alarm besides, as at an instance. */
async function recordRefusal(
  store: TokenStore,
  { token, person, refusedBy, presented }: RefusedPresentation,
): Promise<void> {
  const owner = { id: person.id, username: person.username }
  const { requestId, address, client } = presented
  const actor: TokenActor = {
    type: 'token',
    tokenId: token.id,
    tokenName: token.name,
    userId: owner.id,
    username: owner.username,
    requestId,
    address,
  }
  const about = { id: token.id, name: token.name, owner }
  store.audit.noteRefusal({ actor, token: about, scopes: [ownLog(owner)], reason: refusedBy, instance: null })
  if (refusedBy === 'token_not_retired') {
    await raiseAlarm(store, token, { actor, instance: null, client, address }, new Date())
  }
}
