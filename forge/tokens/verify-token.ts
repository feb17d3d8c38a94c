import type { Sequelize } from 'sequelize'

import { parseToken } from '../contract/token-format.ts'
import { findReach, findToken, type FoundToken, type KnownToken } from './facts.ts'
import type { Look, Memory } from './memory.ts'
import { findParents } from './parents.ts'
import type { Proofs } from './proofs.ts'
import type { Rekeyer } from './rekey.ts'
import type { SecretGuard } from './secret.ts'

export interface Verifier {
  db: Sequelize
  guard: SecretGuard
  proofs: Proofs
  rekeyer: Rekeyer
  memory: Memory
}

export interface VerifyOptions {
  /** A look at what is held, when the caller has looked already. */
  look?: Look
  /** Is told of a token whose secret it is not; must take no time. */
  onWrongSecret?: (token: FoundToken) => void
}

/**
 * The token that a presented text proves, or null. It may be expired or revoked: whether it may be used is the access
 * decision's to say. Junk costs no query, an unknown selector and a wrong secret cost the same query and the same
 * HMAC, and only a secret that passes the prefilter reaches argon2. What has been proved before may come from memory.
 * @throws {ForgeError} unavailable when the pool of proofs is full
 */
export async function verifyToken(
  verifier: Verifier,
  presented: string,
  { look, onWrongSecret = () => {} }: VerifyOptions = {},
): Promise<KnownToken | null> {
  const { db, guard, proofs, rekeyer, memory } = verifier
  const parts = parseToken(presented)
  if (!parts) return null

  const held = look ?? (await memory.look())
  const remembered = held.token(presented)
  if (remembered) return remembered

  const known = await findToken(db, parts.selector)
  const mayMatch = guard.mayMatch(parts.secret, known?.secret ?? null)
  if (!known) return null
  if (!mayMatch) {
    onWrongSecret(known)
    return null
  }

  const claim = { tokenId: known.id, secretHash: known.secret.secretHash }
  const proved = await proofs.holds(presented, claim, () => guard.matches(parts.secret, known.secret))
  if (!proved) return null

  const { parentId } = known.issued
  const [reach, parents] = await Promise.all([
    findReach(db, known.id),
    parentId === null ? [] : findParents(db, [parentId]).then((lineOf) => lineOf(parentId)),
  ])
  const token = { ...known, parents, facts: { ...known.facts, parents, ...reach } }
  if (guard.isCurrent(known.secret)) held.keepToken(presented, token)
  else rekeyer.note({ token: known, presented, secret: parts.secret })
  return token
}
