import type { Sequelize } from 'sequelize'

import { parseToken } from '../contract/token-format.ts'
import { findGrants, findToken, type KnownToken } from './facts.ts'
import { findParents } from './parents.ts'
import type { Proofs } from './proofs.ts'
import type { Rekeyer } from './rekey.ts'
import type { SecretGuard } from './secret.ts'

export interface Verifier {
  db: Sequelize
  guard: SecretGuard
  proofs: Proofs
  rekeyer: Rekeyer
}

/**
 * The token that a presented text proves, or null. It may be expired or revoked: whether it may be used is the access
 * decision's to say. Junk costs no query, an unknown selector and a wrong secret cost the same query and the same
 * HMAC, and only a secret that passes the prefilter reaches argon2.
 * @throws {ForgeError} unavailable when the pool of proofs is full
 */
export async function verifyToken(verifier: Verifier, presented: string): Promise<KnownToken | null> {
  const { db, guard, proofs, rekeyer } = verifier
  const parts = parseToken(presented)
  if (!parts) return null

  const known = await findToken(db, parts.selector)
  if (!guard.mayMatch(parts.secret, known?.secret ?? null) || !known) return null

  const claim = { tokenId: known.id, secretHash: known.secret.secretHash }
  const proved = await proofs.holds(presented, claim, () => guard.matches(parts.secret, known.secret))
  if (!proved) return null

  if (!guard.isCurrent(known.secret)) rekeyer.note({ token: known, presented, secret: parts.secret })
  const { parentId } = known.issued
  const parents = parentId === null ? [] : (await findParents(db, [parentId]))(parentId)
  return { ...known, parents, facts: { ...known.facts, parents, grants: await findGrants(db, known.id) } }
}
