import type { Sequelize, Transaction } from 'sequelize'

import { ownLog, type AuditedToken, type AuditScope } from '../audit/entry.ts'
import { defineAuditModels } from '../audit/model.ts'
import type { TokenRow } from './model.ts'

/** Entries that are looked at: the newest, which name every team that the token still reaches. */
const LOOKED_AT = 500

/** The logs that a token has stood in, with the names of then: who is gone cannot be asked any more. */
export async function tracesOf(
  db: Sequelize,
  { id: tokenId, userId }: Pick<TokenRow, 'id' | 'userId'>,
  transaction: Transaction,
) {
  const { Entry } = defineAuditModels(db)
  const entries = await Entry.findAll({
    where: { tokenId },
    order: [['id', 'DESC']],
    limit: LOOKED_AT,
    raw: true,
    transaction,
  })

  const username = entries.find(({ ownerName }) => ownerName !== null)?.ownerName ?? userId
  const owner: AuditedToken['owner'] = { id: userId, username }
  const teams = new Map<string, AuditScope>()
  for (const { scopeType: type, scopeId: id, scopeName: name } of entries) {
    if (type === 'team' && !teams.has(id)) teams.set(id, { type, id, name })
  }
  return { owner, scopes: [ownLog(owner), ...teams.values()] as const }
}
