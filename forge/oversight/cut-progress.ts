import { Op } from 'sequelize'

import type { Revocation } from '../contract/revocation.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { progressOf } from '../instances/confirmations.ts'
import { grantsOf } from '../tokens/record.ts'
import type { TokenStore } from '../tokens/store.ts'
import { grantsHere, instancesReached, ownedInstance, ownedTeam, type Scope } from './scope.ts'

/** How far it has got that a token was ended for a team. @throws {ForgeError} not_found, also where it was not */
export async function teamCutProgress(
  store: TokenStore,
  userId: string,
  { id, tokenId }: { id: string; tokenId: string },
): Promise<Revocation> {
  return cutProgress(store, await ownedTeam(store.directory, userId, id), tokenId)
}

/** How far it has got that a token was ended for an instance. @throws {ForgeError} not_found, also where it was not */
export async function instanceCutProgress(
  store: TokenStore,
  userId: string,
  { id, tokenId }: { id: string; tokenId: string },
): Promise<Revocation> {
  return cutProgress(store, await ownedInstance(store.directory, userId, id), tokenId)
}

/** What ended it first counts: a cut that holds here, or that its holder has revoked it everywhere. */
async function cutProgress({ models, db }: TokenStore, scope: Scope, tokenId: string): Promise<Revocation> {
  const row = await models.Token.findByPk(tokenId, { include: 'grants' })
  const grants = row ? grantsHere(scope, grantsOf(row)) : []
  const places = [
    { scopeType: 'team' as const, scopeId: scope.team.id },
    ...(scope.type === 'instance' ? [{ scopeType: 'instance' as const, scopeId: scope.id }] : []),
  ]
  const cuts = grants.length > 0 ? await models.Cut.findAll({ where: { tokenId, [Op.or]: places } }) : []
  const ends = cuts.map(({ createdAt }) => createdAt.getTime())
  if (grants.length > 0 && row?.revokedAt) ends.push(row.revokedAt.getTime())
  if (ends.length === 0) throw new ForgeError('not_found', `No such token was ended for this ${scope.type}.`)

  const reached = instancesReached(scope, grants).map(({ id }) => id)
  return progressOf(db, { tokenId, endedAt: new Date(Math.min(...ends)), reached })
}
