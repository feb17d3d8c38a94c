import { writeRows } from '../sql/rows.ts'
import type { Sequelize } from 'sequelize'

import type { KnownToken } from './facts.ts'
import type { HeldTokens } from './held-tokens.ts'
import type { SecretGuard } from './secret.ts'

/** Tokens that may wait to be moved; what is turned away is moved at a later use. */
const MAX_WAITING = 1_000

/** Moves tokens to the current server key, so that the one before can be dropped some day. */
export interface Rekeyer {
  /** Moves a token whose presented text has just been proved. Costs the caller nothing: it is done in the background. */
  note(proved: ProvedToken): void
  /** Waits for what is under way. */
  close(): Promise<void>
}

export interface ProvedToken {
  token: Pick<KnownToken, 'id' | 'secretHash'>
  /** The token's text, and the hidden part of it. */
  presented: string
  secret: string
}

export interface RekeyerOptions {
  db: Sequelize
  guard: SecretGuard
  heldTokens: Pick<HeldTokens, 'prove'>
  /** Is told of a token that could not be moved; its next use tries again. */
  onError(error: unknown): void
}

/** One at a time, since each takes a thread for milliseconds and nobody waits for it. */
export function createRekeyer(options: RekeyerOptions): Rekeyer {
  const waiting = new Set<string>()
  let working: Promise<unknown> = Promise.resolve()

  return {
    note(proved) {
      const { id } = proved.token
      if (waiting.has(id) || waiting.size >= MAX_WAITING) return

      waiting.add(id)
      working = working
        .then(() => moveToCurrentKey(options, proved))
        .catch((error: unknown) => options.onError(error))
        .finally(() => waiting.delete(id))
    },

    close: async () => void (await working),
  }
}

/**
 * Hashes the secret anew under the current key. The write holds only while the row is the one that was proved, so that of
 * several forges one moves it. The proof is remembered for the new hash: the next use is as quick as the one before.
 */
async function moveToCurrentKey(
  { db, guard, heldTokens }: RekeyerOptions,
  { token, presented, secret }: ProvedToken,
): Promise<void> {
  const { secretHash, prefilter, keyId } = await guard.protect(secret)
  const moved = await writeRows(
    db,
    'UPDATE pat_tokens SET secret_hash = $2, prefilter = $3, key_id = $4 WHERE id = $1 AND secret_hash = $5',
    [token.id, secretHash, prefilter, keyId, token.secretHash],
  )
  if (moved === 1) heldTokens.prove(presented, { id: token.id, secretHash })
}
