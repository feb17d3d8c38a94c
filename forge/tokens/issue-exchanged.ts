import { allowedTools } from '../access/rules.ts'
import type { InstanceActor } from '../audit/actor.ts'
import { ownLog, teamLog } from '../audit/entry.ts'
import type { Role } from '../contract/role.ts'
import type { HostFacts } from '../directory/directory.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { lockByName } from '../sql/lock.ts'
import type { KnownToken } from './facts.ts'
import { countLive, insertToken, makeToken } from './issue.ts'
import type { TokenStore } from './store.ts'

/** Live ones of one token. An instance keeps what it got until shortly before its end, so this is for loops. */
const MAX_LIVE = 100
const RETRY_SECONDS = 60

export interface ExchangedToken {
  parent: KnownToken
  /** The instance that exchanges. */
  actor: { instance: HostFacts['instance']; requestId: string; address: string }
  /** The person at the one instance that it will reach. */
  target: HostFacts
  wish: { role: Role; readOnly: boolean; expiresAt: Date }
}

/**
 * Writes the token that comes of another one, and answers its text. That it is narrower is for the caller to see to;
 * that it stays so, for the decision.
 * @throws {ForgeError} too_many_requests
 */
export async function issueExchanged(
  store: TokenStore,
  { parent, actor, target, wish }: ExchangedToken,
): Promise<string> {
  const made = await makeToken(store)
  const { user, team } = target
  const grants = [{ type: 'instance' as const, id: target.instance.id }]
  const to = { id: actor.instance.id, name: actor.instance.name }
  const name = `${parent.name.slice(0, 60)} for ${target.instance.name}`.slice(0, 100)

  await store.db.transaction(async (transaction) => {
    await lockByName(store.db, parent.id, transaction)
    if ((await countLive(store, { parentId: parent.id }, transaction)) >= MAX_LIVE) throw tooMany()

    const tools = allowedTools(parent.facts)
    const words = { ownerId: user.id, teamId: team.id, name, description: '' }
    const issuance = { via: 'exchange', to, parentId: parent.id } as const
    await insertToken(store, made, { ...wish, ...words, tools, grants, issuance }, transaction)

    const by: InstanceActor = {
      type: 'instance',
      instanceId: to.id,
      instanceName: to.name,
      requestId: actor.requestId,
      address: actor.address,
    }
    const body = {
      selector: made.selector,
      role: wish.role,
      readOnly: wish.readOnly,
      tools,
      grants,
      expiresAt: wish.expiresAt.toISOString(),
      issuedVia: 'exchange' as const,
      issuedTo: to,
      parent: { id: parent.id, name: parent.name },
    }
    const owner = { id: user.id, username: user.username }
    const scopes = [ownLog(owner), teamLog(team)] as const
    const token = { id: made.id, name, owner }
    await store.audit.write({ event: 'user.pat.created', actor: by, token, scopes, body }, transaction)
  })
  return made.text
}

const tooMany = () =>
  new ForgeError('too_many_requests', 'This token was exchanged too often. Use what you got until it ends.', {
    retryAfterSeconds: RETRY_SECONDS,
  })
