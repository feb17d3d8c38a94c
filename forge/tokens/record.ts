import type { PersonActor } from '../audit/actor.ts'
import { ownLog, teamLog } from '../audit/entry.ts'
import type { Grant } from '../contract/grant.ts'
import type { TokenTargets } from '../contract/targets.ts'
import type { TokenRow } from './model.ts'
import { isReached, reachOf } from './reach.ts'

/**
 * What an entry says of a person who did something with a token of their own: it stands in their log and in that of
 * every team that the token reaches.
 */
export function ownTokenEntry(actor: PersonActor, { id, name }: { id: string; name: string }, reached: Reached) {
  const owner = { id: actor.userId, username: actor.username }
  return { actor, token: { id, name, owner }, scopes: [ownLog(owner), ...teamsReached(reached).map(teamLog)] as const }
}

interface Reached {
  targets: TokenTargets
  grants: readonly Grant[]
}

/** The teams that grants reach now; grants of what is gone reach none. */
function teamsReached({ targets, grants }: Reached) {
  const present = grants.filter((grant) => isReached(targets, grant))
  return reachOf(targets, present).map(({ team }) => team)
}

/** A token's grants in the contract's words. */
export function grantsOf(row: Pick<TokenRow, 'grants'>): Grant[] {
  return (row.grants ?? []).map(({ type, targetId }) => ({ type, id: targetId }))
}
