import { Op, type Sequelize } from 'sequelize'

import type { PersonRevocationQuery } from '../contract/oversight.ts'
import type { Revocation } from '../contract/revocation.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { progressOf } from '../instances/revocation-progress.ts'
import { selectRows, type RawTime } from '../sql/rows.ts'
import { sqlTime } from '../sql/time.ts'
import { grantsOf } from '../tokens/record.ts'
import type { TokenStore } from '../tokens/store.ts'
import { MAX_OF_PERSON } from './cut-token.ts'
import { momentOf } from './moment.ts'
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
  return progressOf(db, [{ tokenId, endedAt: new Date(Math.min(...ends)), reached }])
}

/**
 * How far it has got that a person's tokens were ended for a team, of those that were since a moment.
 * @throws {ForgeError} not_found, also where none was; invalid_request for a moment that there is not
 */
export async function personCutProgress(
  { models, db, directory }: TokenStore,
  userId: string,
  { id, holder, since }: PersonRevocationQuery & { id: string },
): Promise<Revocation> {
  const scope = await ownedTeam(directory, userId, id)
  const cuts = await cutsOf(db, { teamId: id, holder, since: momentOf('since', since) })
  if (cuts.size === 0) throw new ForgeError('not_found', 'No token of theirs was ended for this team since then.')

  const tokens = await models.Token.findAll({ where: { id: [...cuts.keys()] }, include: 'grants' })
  const rows = new Map(tokens.map((row) => [row.id, row]))
  const ended = [...cuts].map(([tokenId, endedAt]) => {
    const grants = grantsHere(scope, grantsOf(rows.get(tokenId) ?? {}))
    return { tokenId, endedAt, reached: instancesReached(scope, grants).map((instance) => instance.id) }
  })
  return progressOf(db, ended)
}

/** When a person's tokens were ended for a team, by their ids. */
async function cutsOf(
  db: Sequelize,
  { teamId, holder, since }: { teamId: string; holder: string; since: Date },
): Promise<Map<string, Date>> {
  const rows = await selectRows<{ tokenId: string; endedAt: RawTime }>(
    db,
    `SELECT c.token_id AS "tokenId", c.created_at AS "endedAt"
       FROM pat_tokens t JOIN pat_cuts c ON c.token_id = t.id
      WHERE t.user_id = $1 AND c.scope_type = 'team' AND c.scope_id = $2 AND c.created_at >= $3
      ORDER BY c.created_at DESC LIMIT ${MAX_OF_PERSON}`,
    [holder, teamId, sqlTime(since)],
  )
  return new Map(rows.map(({ tokenId, endedAt }) => [tokenId, new Date(endedAt)]))
}
