import { LRUCache } from 'lru-cache'

import { createPool, type PoolLoad } from '../limits/pool.ts'
import { createMemoryKeys } from './memory-key.ts'

export interface ProofOptions {
  /** Proofs remembered; the oldest unused go first. */
  maxProofs: number
  /** argon2 runs at once. libuv's pool has four threads, which SQLite and files need too. */
  concurrency: number
  /** Runs that may wait for a place; beyond that the answer is 503. */
  maxWaiting: number
}

export const PROOF_DEFAULTS: ProofOptions = { maxProofs: 100_000, concurrency: 2, maxWaiting: 256 }

const BUSY = { refusal: 'The forge is busy. Try again in a moment.', retryAfterSeconds: 1 }

/** What a proof is about. */
export interface Claim {
  tokenId: string
  secretHash: string
}

export interface Proofs {
  /**
   * Whether the presented text proves the claim: from memory if it has before, else by `prove`, which runs once however
   * many ask at the same time. Only proofs are remembered: no refusal, and no decision.
   * @throws {ForgeError} unavailable when too many proofs are waiting already; never a wrong "no"
   */
  holds(presented: string, claim: Claim, prove: () => Promise<boolean>): Promise<boolean>

  /** What the text has proved before, if that is remembered. */
  claimOf(presented: string): Claim | null

  /** Remembers that the text proves the claim, for who knows it without a proof: it has just made the hash. */
  remember(presented: string, claim: Claim): void

  /** How often it was asked so far: what was known, what somebody else was proving already, and what had to be proved. */
  readonly counts: Readonly<Record<'hit' | 'shared' | 'miss', number>>
  /** How busy argon2 is. */
  load(): PoolLoad
}

/** The memory of proofs and the bounded pool that makes them. What was presented is in it as a keyed hash. */
export function createProofs(options: ProofOptions = PROOF_DEFAULTS): Proofs {
  const proven = new LRUCache<string, Claim>({ max: options.maxProofs })
  const underway = new Map<string, Promise<boolean>>()
  const inTurn = createPool({ ...options, ...BUSY })
  const counts = { hit: 0, shared: 0, miss: 0 }
  const keyOf = createMemoryKeys()

  return {
    counts,
    load: inTurn.load,

    claimOf(presented) {
      const claim = proven.get(keyOf(presented)) ?? null
      if (claim) counts.hit += 1
      return claim
    },
    remember: (presented, { tokenId, secretHash }) => void proven.set(keyOf(presented), { tokenId, secretHash }),

    async holds(presented, claim, prove) {
      const key = keyOf(presented)

      const known = proven.get(key)
      if (known?.tokenId === claim.tokenId && known.secretHash === claim.secretHash) {
        counts.hit += 1
        return true
      }

      // The hash is part of the key: who waits must be waiting for a proof of the very same thing.
      const flight = `${key} ${claim.secretHash}`
      const running = underway.get(flight)
      counts[running ? 'shared' : 'miss'] += 1
      if (running) return running

      const proof = inTurn(prove).then((proved) => {
        if (proved) proven.set(key, { tokenId: claim.tokenId, secretHash: claim.secretHash })
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
