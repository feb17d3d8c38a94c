import { parseToken } from '../contract/token-format.ts'
import type { Task } from '../housekeeping/task.ts'
import { createProofs, PROOF_DEFAULTS } from '../tokens/proofs.ts'
import type { TokenStore } from '../tokens/store.ts'
import { verifyToken, type Verifier } from '../tokens/verify-token.ts'
import type { Inbox } from './inbox.ts'
import { revokeLeaked, type LeakSource } from './revoke-leaked.ts'

export interface LeakReports {
  /**
   * Takes a report and looks at it later, so that the time of the answer tells nothing about what was real. What was
   * taken is not lost with the process: another forge, or this one when it is started again, looks at it.
   * @throws {ForgeError} unavailable when too much is waiting already
   */
  accept(texts: readonly string[], source: LeakSource): Promise<void>
  /** Looks at a text now. @returns whether it is the text of a token of ours, dead or alive */
  handle(text: string, source: LeakSource): Promise<boolean>
  /** Looks at what is waiting, whoever took it. @param shouldStop asked between two texts */
  workOff(shouldStop?: () => boolean): Promise<void>
  /** Finishes what was accepted. */
  close(): Promise<void>
}

export interface LeakReportOptions {
  store: TokenStore
  verifier: Verifier
  inbox: Inbox
  /** Is told of a text that could not be looked at; it is tried again. */
  onError(error: unknown): void
}

/** Works on reports one text at a time, beside the proofs of introspection and never in their way. */
export function createLeakReports({ store, verifier, inbox, onError }: LeakReportOptions): LeakReports {
  const proofs = createProofs(verifier.heldTokens, { ...PROOF_DEFAULTS, concurrency: 1, maxWaiting: Infinity })
  let working: Promise<void> = Promise.resolve()

  const handle = async (text: string, source: LeakSource): Promise<boolean> => {
    const token = await verifyToken({ ...verifier, proofs }, text)
    if (token) await revokeLeaked(store, token, source)
    return token !== null
  }

  const workOff = async (shouldStop = () => false): Promise<void> => {
    for (;;) {
      const { reports, claimed, givenUp } = await inbox.claim()
      if (givenUp > 0) onError(new Error(`${givenUp} leak reports failed again and again, and are given up`))
      for (const { id, text, source } of reports) {
        if (shouldStop()) return
        await handle(text, source)
          .then(() => inbox.remove(id))
          .catch(onError)
      }
      if (claimed === 0) return
    }
  }

  return {
    handle,
    workOff,

    async accept(texts, source) {
      // What has not even the form of a token is none; its sender could have told.
      const tokens = [...new Set(texts)].filter((text) => parseToken(text) !== null)
      await inbox.put(tokens, source)
      working = working.then(() => workOff()).catch(onError)
    },

    close: () => working,
  }
}

/** Looks at what a forge took and did not live to look at, and at what failed. */
export function leakReportsTask({ workOff }: LeakReports): Task {
  return { name: 'leak-reports', everySeconds: 30, run: (_now, shouldStop) => workOff(shouldStop) }
}
