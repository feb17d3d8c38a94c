import { createHmac, randomBytes } from 'node:crypto'

import { LRUCache } from 'lru-cache'

import type { IssuedCredential } from '../../contract/host.ts'
import type { InstanceCredential } from '../../directory/directory.ts'
import { ForgeError } from '../../errors/forge-error.ts'
import type { SecretKeys } from '../../keys.ts'
import { refusingBrokenRules } from '../broken-rules.ts'
import { selectRows } from '../rows.ts'
import type { Person } from '../sessions/person.ts'
import type { HostStore } from '../store.ts'
import { requireInstance } from '../teams/access.ts'

/** FlowFuse's prefix: launchers hand it over as FORGE_PROJECT_TOKEN. */
const PREFIX = 'fft_'
const SECRET_BYTES = 32

/** The last use is written at most this often: an instance may introspect thousands of times a second. */
const WRITE_USE_EVERY_MS = 30_000
const MAX_REMEMBERED = 10_000

/** What instances prove themselves with. */
export interface Credentials {
  /**
   * Issues an instance's credential, the only time that anybody sees it, and ends the one before.
   * @throws {ForgeError} not_found, forbidden
   */
  issue(person: Person, instanceId: string): Promise<IssuedCredential>

  /** The instance that presents this credential; null when it is no live one, or not the one that it says it is. */
  authenticate(presented: InstanceCredential): Promise<string | null>

  /** Waits for the writes that are under way. */
  close(): Promise<void>
}

/** @param onError is told when a last use could not be written */
export function createCredentials(store: HostStore, keys: SecretKeys, onError: (error: unknown) => void): Credentials {
  const key = keys.derive('instance credential')
  const hashOf = (secret: string) => createHmac('sha256', key).update(secret).digest('hex')
  const uses = createUses(store, onError)

  return {
    async issue(person, instanceId) {
      await requireInstance(store, person, instanceId, 'manage')

      const credential = PREFIX + randomBytes(SECRET_BYTES).toString('base64url')
      const missing = () => new ForgeError('not_found', 'There is no such instance.')
      await refusingBrokenRules({ missing }, () =>
        store.Credential.upsert({
          instanceId,
          secretHash: hashOf(credential),
          createdAt: new Date(),
          lastUsedAt: null,
        }),
      )
      return { credential }
    },

    // Looked up by a keyed hash: whoever guesses learns nothing from the time, since every guess is the same one
    // HMAC and the same one statement.
    async authenticate({ secret, claimedInstanceId }) {
      const secretHash = hashOf(secret)
      const [found] = await selectRows<{ instanceId: string }>(
        store.db,
        'SELECT instance_id AS "instanceId" FROM instance_credentials WHERE secret_hash = $1',
        [secretHash],
      )
      if (!found || (claimedInstanceId !== undefined && claimedInstanceId !== found.instanceId)) return null

      uses.note(secretHash)
      return found.instanceId
    },

    close: () => uses.settled(),
  }
}

function createUses({ Credential }: HostStore, onError: (error: unknown) => void) {
  const writtenAt = new LRUCache<string, number>({ max: MAX_REMEMBERED })
  const underWay = new Set<Promise<void>>()

  const write = async (secretHash: string, now: number) => {
    try {
      await Credential.update({ lastUsedAt: new Date(now) }, { where: { secretHash } })
    } catch (error) {
      writtenAt.delete(secretHash)
      onError(error)
    }
  }

  return {
    /** Costs the caller nothing: the write, where one is due, goes on by itself. */
    note(secretHash: string) {
      const now = Date.now()
      if (now - (writtenAt.get(secretHash) ?? -Infinity) < WRITE_USE_EVERY_MS) return

      writtenAt.set(secretHash, now)
      const writing = write(secretHash, now)
      underWay.add(writing)
      void writing.then(() => underWay.delete(writing))
    },
    settled: async () => void (await Promise.all(underWay)),
  }
}
