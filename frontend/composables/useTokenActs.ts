import type { Token } from '@contract/token.ts'
import { shallowRef } from 'vue'

import * as api from '../api.ts'
import { useAction } from './useAction.ts'
import { t } from '../messages/messages.ts'

/** What ends something for good, and so is asked about first. */
export type Act = 'revoke' | 'end-grace' | 'revoke-family'

export interface AskedAct {
  act: Act
  token: Token
}

const ACTS: Record<Act, { run: (id: string) => Promise<unknown>; done: (name: string) => string }> = {
  revoke: { run: api.revokeToken, done: t.revocationNote.isRevoked },
  'end-grace': { run: api.endGrace, done: t.useTokenActs.theOldHasEnded },
  'revoke-family': { run: api.revokeFamily, done: t.useTokenActs.theFamilyIsRevoked },
}

/** Asks before a token is ended, and ends it. */
export function useTokenActs() {
  const asked = shallowRef<AskedAct | null>(null)
  const { busy, error, run } = useAction(({ act, token }: AskedAct) => ACTS[act].run(token.id))

  function ask(act: Act, token: Token): void {
    error.value = ''
    asked.value = { act, token }
  }

  function cancel(): void {
    asked.value = null
  }

  /** What was done, in a sentence; null when it was not. */
  async function confirm(): Promise<string | null> {
    const request = asked.value
    if (request === null || !(await run(request))) return null

    cancel()
    return ACTS[request.act].done(request.token.name)
  }

  return { asked, busy, error, ask, cancel, confirm }
}
