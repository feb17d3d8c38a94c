import { createPool, type PoolLoad } from '../limits/pool.ts'
import { isSameClaim, type Claim, type HeldToken, type HeldTokens } from './held-tokens.ts'
import { createMemoryKeys } from './memory-key.ts'

export interface ProofOptions {
  /** argon2 runs at once. libuv's pool has four threads, which SQLite and files need too. */
  concurrency: number
  /** Runs that may wait for a place; beyond that the answer is 503. */
  maxWaiting: number
}

export const PROOF_DEFAULTS: ProofOptions = { concurrency: 2, maxWaiting: 256 }

const BUSY = { refusal: 'The forge is busy. Try again in a moment.', retryAfterSeconds: 1 }

export interface Proofs {
  /**
   * Whether the presented text proves the claim: from memory if it has before, else by `prove`, which runs once however
   * many ask at the same time. Only proofs are remembered: no refusal, and no decision.
   * @throws {ForgeError} unavailable when too many proofs are waiting already; never a wrong "no"
   */
  holds(presented: string, claim: Claim, prove: () => Promise<boolean>): Promise<boolean>

  /** What a text has proved before. */
  claimOf(held: HeldToken | null): Claim | null

  /** How often it was asked so far: what was known, what somebody else was proving already, and what had to be proved. */
  readonly counts: Readonly<Record<'hit' | 'shared' | 'miss', number>>
  /** How busy argon2 is. */
  load(): PoolLoad
}

/** The bounded pool in which proofs are made. What was proved is remembered with what is held of the token. */
export function createProofs(
  heldTokens: Pick<HeldTokens, 'of' | 'prove'>,
  options: ProofOptions = PROOF_DEFAULTS,
): Proofs {
  const underway = new Map<string, Promise<boolean>>()
  const inTurn = createPool({ ...options, ...BUSY })
  const counts = { hit: 0, shared: 0, miss: 0 }
  const keyOf = createMemoryKeys()

  return {
    counts,
    load: inTurn.load,

    claimOf(held) {
      if (!held) return null
      counts.hit += 1
      return held.proved
    },

    async holds(presented, claim, prove) {
      const held = heldTokens.of(presented)
      if (held && isSameClaim(held.proved, claim)) {
        counts.hit += 1
        return true
      }

      // The hash is part of the key: who waits must be waiting for a proof of the very same thing.
      const flight = `${keyOf(presented)} ${claim.secretHash}`
      const running = underway.get(flight)
      counts[running ? 'shared' : 'miss'] += 1
      if (running) return running

      const proof = inTurn(prove).then((proved) => {
        if (proved) heldTokens.prove(presented, claim)
        return proved
      })
      underway.set(flight, proof)
      try {
        return await proof
      } finally {
        underway.delete(flight)
      }
    },
  }
}
