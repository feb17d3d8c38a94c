import type { FastifyRequest } from 'fastify'

import { grantsFor, type RuleName } from '../access/rules.ts'
import { ownLog, teamLog } from '../audit/entry.ts'
import type { HostFacts } from '../directory/directory.ts'
import type { KnownToken } from '../tokens/facts.ts'
import { raiseAlarm } from '../tokens/retired-use.ts'
import type { TokenStore } from '../tokens/store.ts'

/** A real token, presented at an instance and refused. */
export interface RefusedUse {
  token: KnownToken
  host: HostFacts
  /** The rule that refused. */
  reason: RuleName
  client: string | null
  address: string | null
  now: Date
}

/** Leaves a trace in the audit; a retired token raises an alarm besides. */
export async function recordRefusal(
  store: TokenStore,
  { token, host: { user, team, instance }, reason, client, address, now }: RefusedUse,
  { id, ip }: FastifyRequest,
): Promise<void> {
  const actor = {
    type: 'instance',
    instanceId: instance.id,
    instanceName: instance.name,
    requestId: id,
    address: ip,
  } as const
  const owner = { id: user.id, username: user.username }
  // A team learns of tokens that are for it, not of strays: an ended one is refused before anybody asks what it was for.
  const teams = grantsFor(token.facts, { instance, team }).length > 0 ? [teamLog(team)] : []

  const where = { id: instance.id, name: instance.name }
  store.audit.noteRefusal({
    actor,
    token: { id: token.id, name: token.name, owner },
    scopes: [ownLog(owner), ...teams],
    reason,
    instance: where,
  })
  if (reason === 'token_not_retired') {
    await raiseAlarm(store, token, { actor, instance: where, client, address }, now)
  }
}
