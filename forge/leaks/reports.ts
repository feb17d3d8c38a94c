import { setTimeout as sleep } from 'node:timers/promises'

import { ForgeError } from '../errors/forge-error.ts'
import { createProofs, PROOF_DEFAULTS } from '../tokens/proofs.ts'
import type { TokenStore } from '../tokens/store.ts'
import { verifyToken, type Verifier } from '../tokens/verify-token.ts'
import { revokeLeaked, type LeakSource } from './revoke-leaked.ts'

/** Texts that may wait at once: some seconds of work. */
const MAX_WAITING = 5_000

/** A database that is away for a moment loses no report. */
const RETRY_AFTER_MS = [1_000, 4_000, 15_000]

export interface LeakReports {
  /**
   * Takes a report and looks at it later, so that the time of the answer tells nothing about what was real.
   * @throws {ForgeError} unavailable when too much is waiting already
   */
  accept(texts: readonly string[], source: LeakSource): void
  /** Looks at a text now. @returns whether it is the text of a token of ours, dead or alive */
  handle(text: string, source: LeakSource): Promise<boolean>
  /** Finishes what was accepted. */
  close(): Promise<void>
}

export interface LeakReportOptions {
  store: TokenStore
  verifier: Verifier
  /** Is told of a text that could not be looked at. */
  onError(error: unknown): void
}

/** Works on reports one text at a time, beside the proofs of introspection and never in their way. */
export function createLeakReports({ store, verifier, onError }: LeakReportOptions): LeakReports {
  const proofs = createProofs({ ...PROOF_DEFAULTS, maxProofs: 1, concurrency: 1, maxWaiting: Infinity })
  const closing = new AbortController()
  let working: Promise<unknown> = Promise.resolve()
  let waiting = 0

  const handle = async (text: string, source: LeakSource): Promise<boolean> => {
    const token = await verifyToken({ ...verifier, proofs }, text)
    if (token) await revokeLeaked(store, token, source)
    return token !== null
  }

  const handleAgain = async (text: string, source: LeakSource): Promise<void> => {
    for (const pauseMs of RETRY_AFTER_MS) {
      try {
        await handle(text, source)
        return
      } catch {
        // The last try, below, tells what is wrong.
        await sleep(pauseMs, undefined, { signal: closing.signal, ref: false }).catch(() => undefined)
      }
    }
    await handle(text, source)
  }

  return {
    handle,

    accept(texts, source) {
      if (waiting + texts.length > MAX_WAITING) {
        throw new ForgeError('unavailable', 'Too many reports at once. Try again in a moment.', {
          retryAfterSeconds: 10,
        })
      }
      for (const text of new Set(texts)) {
        waiting += 1
        working = working
          .then(() => handleAgain(text, source))
          .catch(onError)
          .finally(() => (waiting -= 1))
      }
    },

    async close() {
      closing.abort()
      await working
    },
  }
}
