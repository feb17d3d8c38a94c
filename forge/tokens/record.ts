import type { TokenFacts } from '../access/rules.ts'
import type { PersonActor } from '../audit/actor.ts'
import { ownLog, teamLog } from '../audit/entry.ts'
import type { Grant } from '../contract/grant.ts'
import { knownRole } from '../contract/role.ts'
import type { TokenTargets } from '../contract/targets.ts'
import type { TokenRow } from './model.ts'
import type { Parent } from './parents.ts'
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
export function teamsReached({ targets, grants }: Reached) {
  const present = grants.filter((grant) => isReached(targets, grant))
  return reachOf(targets, present).map(({ team }) => team)
}

/** A token's grants in the contract's words. */
export function grantsOf(row: Pick<TokenRow, 'grants'>): Grant[] {
  return (row.grants ?? []).map(({ type, targetId }) => ({ type, id: targetId }))
}

/** The names of the tools that a token is limited to; null for no such limit. */
export function toolsOf({ tools }: Pick<TokenRow, 'tools'>): string[] | null {
  return tools === null ? null : (JSON.parse(tools) as string[])
}

/** A token as the access decision sees it. @throws {TypeError} when the row holds a role level that there is not */
export function factsOf(row: FactColumns, grants: Grant[], parents: readonly Parent[]): TokenFacts {
  return {
    parents,
    role: knownRole(row.roleLevel),
    readOnly: row.readOnly,
    tools: toolsOf(row),
    grants,
    createdAt: row.createdAt.getTime(),
    expiresAt: row.expiresAt?.getTime() ?? null,
    revokedAt: row.revokedAt?.getTime() ?? null,
    retiresAt: row.retiresAt?.getTime() ?? null,
    endNoted: row.endNoted,
  }
}

type FactColumns = Pick<
  TokenRow,
  'roleLevel' | 'readOnly' | 'tools' | 'createdAt' | 'expiresAt' | 'revokedAt' | 'retiresAt' | 'endNoted'
>
