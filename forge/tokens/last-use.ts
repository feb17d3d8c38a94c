import type { ModelStatic } from 'sequelize'

import type { TokenRow } from './model.ts'

/** A token's last use is written at most this often; the first use after a pause is written within a second. */
const WRITE_EVERY_MS = 30_000
const FLUSH_EVERY_MS = 1_000

interface Use {
  at: number
  instanceId: string
}

export interface LastUse {
  /** Notes that a token was used; costs no query. @param at epoch ms */
  note(tokenId: string, use: Use): void
  /** Writes what is due; with `all`, everything that is not written yet. */
  flush(all?: boolean): Promise<void>
  /** Stops the timer and writes the rest. */
  close(): Promise<void>
}

/**
 * Remembers uses and writes them in batches: a write per call would make introspection several times slower.
 * @param onError is told of a write that failed; the use is kept for the next batch
 */
export function createLastUse(tokens: ModelStatic<TokenRow>, onError: (error: unknown) => void): LastUse {
  const pending = new Map<string, Use>()
  const writtenAt = new Map<string, number>()

  const flush = async (all = false) => {
    const now = Date.now()
    for (const [tokenId, at] of writtenAt) if (now - at >= WRITE_EVERY_MS) writtenAt.delete(tokenId)

    for (const [tokenId, use] of [...pending]) {
      if (!all && writtenAt.has(tokenId)) continue
      pending.delete(tokenId)
      writtenAt.set(tokenId, now)
      await write(tokenId, use)
    }
  }

  const write = async (tokenId: string, use: Use) => {
    try {
      await tokens.update(
        { lastUsedAt: new Date(use.at), lastUsedInstanceId: use.instanceId },
        { where: { id: tokenId }, silent: true },
      )
    } catch (error) {
      if (!pending.has(tokenId)) pending.set(tokenId, use)
      writtenAt.delete(tokenId)
      onError(error)
    }
  }

  let flushing = Promise.resolve()
  const timer = setInterval(() => {
    flushing = flushing.then(() => flush())
  }, FLUSH_EVERY_MS)
  timer.unref()

  return {
    note: (tokenId, use) => void pending.set(tokenId, use),
    flush,
    async close() {
      clearInterval(timer)
      await flushing
      await flush(true)
    },
  }
}
