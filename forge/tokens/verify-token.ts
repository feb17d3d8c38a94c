import { parseToken } from '../contract/token-format.ts'
import { soon, type Soon } from '../soon.ts'
import type { FoundToken, KnownToken } from './facts.ts'
import { isSameClaim, type HeldToken, type HeldTokens } from './held-tokens.ts'
import type { Look, Memory } from './memory.ts'
import type { Proofs } from './proofs.ts'
import type { Facts, Known } from './read-facts.ts'
import type { Rekeyer } from './rekey.ts'
import type { SecretGuard } from './secret.ts'

export interface Verifier {
  facts: Facts
  guard: SecretGuard
  proofs: Proofs
  rekeyer: Rekeyer
  heldTokens: HeldTokens
  memory: Memory
}

export interface VerifyOptions {
  /** The instance at which the token is presented; its live facts are read with the token. */
  instanceId?: string | null
  /** When it came, by the monotonic clock: what holds at that moment or later will do. Now unless said otherwise. */
  since?: number | undefined
  /** Is told of a token whose secret it is not; must take no time. */
  onWrongSecret?: (token: FoundToken) => void
}

/**
 * The token that a presented text proves, or null. It may be expired or revoked: whether it may be used is the access
 * decision's to say.
 * @throws {ForgeError} unavailable when the pool of proofs is full
 */
export async function verifyToken(
  verifier: Verifier,
  presented: string,
  options: VerifyOptions = {},
): Promise<KnownToken | null> {
  return (await verifyAt(verifier, presented, options))?.token ?? null
}

/**
 * The same, with what there is to know of its holder at an instance. Junk costs no query, an unknown selector and a
 * wrong secret cost the same share of a query and the same HMAC, and only a secret that passes the prefilter reaches
 * argon2. Who has proved the secret before is answered from memory, at once, or with what one statement reads.
 * @throws {ForgeError} unavailable when the pool of proofs is full
 */
export function verifyAt(
  verifier: Verifier,
  presented: string,
  { instanceId = null, since, onWrongSecret = () => {} }: VerifyOptions,
): Soon<Known | null> {
  const parts = parseToken(presented)
  if (!parts) return null

  return soon(verifier.memory.look(since), (look) => {
    const held = verifier.heldTokens.of(presented)
    const token = look.token(held)
    const live = held && token && instanceId !== null ? look.live(held, instanceId) : null
    if (token && (live || instanceId === null)) return { token, live }

    const presentation: Presentation = { ...parts, presented, instanceId }
    return readOrProve(verifier, presentation, { look, held, token, onWrongSecret })
  })
}

async function readOrProve(
  verifier: Verifier,
  presentation: Presentation,
  { look, onWrongSecret, ...found }: Remembered & { look: Look; onWrongSecret: (token: FoundToken) => void },
): Promise<Known | null> {
  const known =
    (await readProven(verifier, presentation, found)) ?? (await prove(verifier, presentation, onWrongSecret))
  if (known) keep(verifier, presentation, look, known)
  return known
}

interface Presentation {
  presented: string
  selector: string
  secret: string
  instanceId: string | null
}

/** What memory has of a presented text, as far as it still holds. */
interface Remembered {
  held: HeldToken | null
  token: KnownToken | null
}

/** Null for who has not proved the secret yet, or has proved one that the token does not have any more. */
async function readProven(
  { facts, guard, proofs }: Verifier,
  { selector, secret, instanceId }: Presentation,
  { held, token }: Remembered,
): Promise<Known | null> {
  const claim = token ?? proofs.claimOf(held)
  const known = claim && (await facts.read(selector, instanceId, token))
  if (!claim || !known) return null

  return isSameClaim(claim, known.token) && guard.mayMatch(secret, known.token) ? known : null
}

async function prove(
  { facts, guard, proofs }: Verifier,
  { presented, selector, secret, instanceId }: Presentation,
  onWrongSecret: (token: FoundToken) => void,
): Promise<Known | null> {
  const found = await facts.find(selector)
  const mayMatch = guard.mayMatch(secret, found)
  if (!found) return null
  if (!mayMatch) {
    onWrongSecret(found)
    return null
  }

  if (!(await proofs.holds(presented, found, () => guard.matches(secret, found)))) return null
  const known = await facts.read(selector, instanceId, null)
  return known?.token.id === found.id ? known : null
}

/** The facts of what is under an older key are not held, so that its next use finds it moved. */
function keep(
  { guard, rekeyer, heldTokens }: Verifier,
  { presented, secret, instanceId }: Presentation,
  look: Look,
  known: Known,
) {
  if (guard.isCurrent(known.token)) heldTokens.keep(presented, known, { instanceId, mark: look.mark })
  else rekeyer.note({ token: known.token, presented, secret })
}
