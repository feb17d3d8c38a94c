import type { Pool } from '../../../limits/pool.ts'
import { createPool } from '../../../limits/pool.ts'
import type { ProviderRow } from '../model.ts'
import { openSecrets, ownSettings } from '../settings.ts'
import type { Vault } from '../vault.ts'
import { withDirectory, type Directory } from './directory.ts'
import { DirectoryFault } from './fault.ts'

/** All that one request waits for a directory, however many questions it takes. */
const WAIT_MS = 5_000

/** Connections to one directory, and who waits for one: what is slow there is no other directory's business. */
const AT_ONCE = 8
const MAX_WAITING = 100

/** The directories of all LDAP providers. */
export interface Directories {
  /**
   * Asks the directory of a provider, in its turn and within five seconds with the waiting.
   * @throws {DirectoryFault}, or {ForgeError} unavailable when too many wait already
   */
  ask<T>(provider: ProviderRow, work: (directory: Directory) => Promise<T>): Promise<T>
}

export function createDirectories(vault: Vault): Directories {
  const pools = new Map<string, Pool>()

  function poolOf({ id, name }: ProviderRow): Pool {
    const refusal = `${name} is asked by too many people at once. Try again in a few seconds.`
    const pool =
      pools.get(id) ?? createPool({ concurrency: AT_ONCE, maxWaiting: MAX_WAITING, refusal, retryAfterSeconds: 5 })
    pools.set(id, pool)
    return pool
  }

  return {
    async ask(provider, work) {
      const settings = ownSettings(provider, 'ldap')
      const bindPassword = openSecrets(vault, provider)?.bindPassword ?? null
      const deadline = AbortSignal.timeout(WAIT_MS)
      const asked = poolOf(provider)(async () => {
        if (deadline.aborted) throw new DirectoryFault('ldap_timeout')
        return withDirectory({ settings, bindPassword }, deadline, work)
      })
      return Promise.race([asked, expiry(deadline)])
    },
  }
}

/** Nobody waits longer, not even for a place. */
function expiry(deadline: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    deadline.addEventListener('abort', () => reject(new DirectoryFault('ldap_timeout')), { once: true })
  })
}
