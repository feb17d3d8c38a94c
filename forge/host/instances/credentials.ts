import { createHmac, randomBytes } from 'node:crypto'

import { LRUCache } from 'lru-cache'

import type { IssuedCredential } from '../../contract/host.ts'
import type { InstanceCredential } from '../../directory/directory.ts'
import { ForgeError } from '../../errors/forge-error.ts'
import { everyKey, type SecretKeys, type ServerKey } from '../../keys.ts'
import { inBatches } from '../../sql/in-batches.ts'
import { selectPrepared } from '../../sql/prepared.ts'
import { placesFor, selectRows } from '../../sql/rows.ts'
import { refusingBrokenRules } from '../broken-rules.ts'
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
  const hashers = everyKey(keys).map(createHasher)
  const current = createHasher(keys)
  const find = finderByHashes(store, hashers.length)
  const uses = createUses(store, onError)

  return {
    async issue(person, instanceId) {
      await requireInstance(store, person, instanceId, 'manage')

      const credential = PREFIX + randomBytes(SECRET_BYTES).toString('base64url')
      const missing = () => new ForgeError('not_found', 'There is no such instance.')
      await refusingBrokenRules({ missing }, () =>
        store.Credential.upsert({
          instanceId,
          secretHash: current(credential),
          keyId: keys.id,
          createdAt: new Date(),
          lastUsedAt: null,
        }),
      )
      return { credential }
    },

    // Looked up by a keyed hash: whoever guesses learns nothing from the time, since every guess is the same HMACs and
    // the same one statement, which may be asked for others with it.
    async authenticate({ secret, claimedInstanceId }) {
      const hashes = hashers.map((hashOf) => hashOf(secret))
      const found = await find(hashes)
      if (!found || (claimedInstanceId !== undefined && claimedInstanceId !== found.instanceId)) return null

      uses.note(found.secretHash, { secretHash: current(secret), keyId: keys.id })
      return found.instanceId
    },

    close: () => uses.settled(),
  }
}

interface Found {
  instanceId: string
  secretHash: string
}

/** Finds a credential by what it is hashed to. @param keys under how many server keys it is */
function finderByHashes({ db }: HostStore, keys: number): (hashes: string[]) => Promise<Found | undefined> {
  const select = 'SELECT instance_id AS "instanceId", secret_hash AS "secretHash" FROM instance_credentials'
  if (db.getDialect() !== 'postgres') {
    const places = placesFor(Array.from({ length: keys }))
    return async (hashes) => (await selectRows<Found>(db, `${select} WHERE secret_hash IN (${places})`, hashes))[0]
  }

  const statement = {
    name: 'forge_credentials_by_hash',
    text: `${select} WHERE secret_hash = ANY(CAST($1 AS VARCHAR[]))`,
  }
  return inBatches(async (asked) => {
    const found = await selectPrepared<Found>(db, statement, [asked.flat()])
    const byHash = new Map(found.map((credential) => [credential.secretHash, credential]))
    return asked.map((hashes) => byHash.get(hashes.find((hash) => byHash.has(hash)) ?? ''))
  })
}

function createHasher(serverKey: ServerKey): (secret: string) => string {
  const key = serverKey.derive('instance credential')
  return (secret) => createHmac('sha256', key).update(secret).digest('hex')
}

/** A credential under the current server key. */
interface CurrentHash {
  secretHash: string
  keyId: string
}

function createUses({ Credential }: HostStore, onError: (error: unknown) => void) {
  const writtenAt = new LRUCache<string, number>({ max: MAX_REMEMBERED })
  const underWay = new Set<Promise<void>>()

  /** The credential moves to the current key with the write that is due anyway; one that was replaced meanwhile stays. */
  const write = async (secretHash: string, current: CurrentHash, now: number) => {
    try {
      await Credential.update({ ...current, lastUsedAt: new Date(now) }, { where: { secretHash } })
    } catch (error) {
      writtenAt.delete(current.secretHash)
      onError(error)
    }
  }

  return {
    /** Costs the caller nothing: the write, where one is due, goes on by itself. @param secretHash as it is stored */
    note(secretHash: string, current: CurrentHash) {
      const now = Date.now()
      if (now - (writtenAt.get(current.secretHash) ?? -Infinity) < WRITE_USE_EVERY_MS) return

      writtenAt.set(current.secretHash, now)
      const writing = write(secretHash, current, now)
      underWay.add(writing)
      void writing.then(() => underWay.delete(writing))
    },
    settled: async () => void (await Promise.all(underWay)),
  }
}
