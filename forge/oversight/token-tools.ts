import type { TokenTools } from '../contract/tool-registry.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { findParents } from '../tokens/parents.ts'
import type { TokenStore } from '../tokens/store.ts'
import { judgeToolsAt, lastCalls } from '../tokens/token-tools.ts'
import { ownedTeam } from './scope.ts'
import { loadStandings } from './standing.ts'

/**
 * What a token can call in a team and what not, for the owners of the team; nothing of what it reaches elsewhere.
 * @throws {ForgeError} not_found
 */
export async function listTeamTokenTools(
  store: TokenStore,
  userId: string,
  { id, tokenId }: { id: string; tokenId: string },
): Promise<TokenTools> {
  const scope = await ownedTeam(store.directory, userId, id)
  const [standing] = await loadStandings(store, scope, [tokenId])
  if (!standing || standing.facts.grants.length === 0) {
    throw new ForgeError('not_found', 'No such token reaches this team.')
  }

  const { row, facts, instances } = standing
  const parents = (await findParents(store.db, [row.parentId]))(row.parentId)
  const calls = await lastCalls(store, tokenId)
  return judgeToolsAt(store, instances, { ownerId: row.userId, tokenId, parents, token: facts, calls })
}
