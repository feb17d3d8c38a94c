import { CONFIRMATION_BATCH, type Confirmation } from '../forge/contract/revocation.ts'
import type { ForgeApi } from './forge-api.ts'

/**
 * Tells the forge which revoked tokens are forgotten here, for the page of whoever revoked them. A token is refused with
 * or without that: what is lost is not sent again.
 */
export interface Confirmations {
  /** A stream of events has begun. @param listenerId null of a forge that does not ask */
  listenAs(listenerId: string | null): void
  /** Nothing is held of the token any more. */
  note(tokenId: string): void
  close(): void
}

const PATH = '/api/v1/instance/events/confirmations'
/** Somebody looks on, so the first goes at once; those that follow closely go together. */
const PAUSE_MS = 250

export function createConfirmations(forge: ForgeApi): Confirmations {
  const forgotten = new Set<string>()
  let listenerId: string | null = null
  let timer: NodeJS.Timeout | undefined
  let closed = false

  async function send(): Promise<void> {
    timer = undefined
    const tokenIds = [...forgotten].slice(0, CONFIRMATION_BATCH)
    if (tokenIds.length === 0 || listenerId === null || closed) return

    for (const id of tokenIds) forgotten.delete(id)
    timer = setTimeout(() => void send(), PAUSE_MS)
    timer.unref()
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ listenerId, tokenIds } satisfies Confirmation)
    await forge(PATH, { method: 'POST', headers, body, expect: [204] }).catch(() => undefined)
  }

  return {
    listenAs: (id) => {
      listenerId = id
      forgotten.clear()
    },
    note: (tokenId) => {
      forgotten.add(tokenId)
      if (timer === undefined) void send()
    },
    close: () => {
      closed = true
      clearTimeout(timer)
    },
  }
}
