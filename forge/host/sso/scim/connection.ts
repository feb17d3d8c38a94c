import { createHmac, randomBytes } from 'node:crypto'

import type { Transaction } from 'sequelize'

import type { Actor } from '../../../audit/actor.ts'
import { PLATFORM_SCOPE } from '../../../audit/entry.ts'
import type { IssuedScimToken, ScimStatus } from '../../../contract/scim.ts'
import { ForgeError } from '../../../errors/forge-error.ts'
import { everyKey, type SecretKeys, type ServerKey } from '../../../keys.ts'
import { placesFor, selectRows, type RawTime } from '../../../sql/rows.ts'
import { toEpochMs } from '../../../sql/time.ts'
import type { HostStore } from '../../store.ts'
import type { ProviderRow } from '../model.ts'
import { findProvider } from '../find-provider.ts'
import type { Sso } from '../sso.ts'
import type { ConnectionRow } from './model.ts'

/** Distinct, so that secret scanners and people can tell it. */
const PREFIX = 'ffscim_'
const SECRET_BYTES = 32

/** A provider that synchronises asks many times a second. */
const WRITE_USE_EVERY_MS = 60_000

/** Single sign-on, with what providers prove themselves with. */
export interface Scim extends Sso {
  tokens: ScimTokens
}

export interface ScimTokens {
  /** @returns the text, and what is kept of it */
  create(): { text: string; kept: { secretHash: string; keyId: string } }
  /** What a presented text may be kept as, under each server key; the current one first. */
  hashesOf(text: string): string[]
  keyId: string
}

export function createScimTokens(keys: SecretKeys): ScimTokens {
  const hashers = everyKey(keys).map(createHasher)
  const [current = createHasher(keys)] = hashers

  return {
    keyId: keys.id,
    create() {
      const text = PREFIX + randomBytes(SECRET_BYTES).toString('base64url')
      return { text, kept: { secretHash: current(text), keyId: keys.id } }
    },
    hashesOf: (text) => hashers.map((hashOf) => hashOf(text)),
  }
}

function createHasher(serverKey: ServerKey): (text: string) => string {
  const key = serverKey.derive('scim token')
  return (text) => createHmac('sha256', key).update(text).digest('hex')
}

/** What the page of a provider says of SCIM. @throws {ForgeError} not_found */
export async function scimStatus({ sessions: { store }, baseUrl }: Sso, providerId: string): Promise<ScimStatus> {
  await findProvider(store, providerId)
  const where = { providerId }
  const [connection, users, groups] = await Promise.all([
    store.ScimConnection.findByPk(providerId),
    store.ScimUser.count({ where }),
    store.ScimGroup.count({ where }),
  ])
  return {
    address: `${baseUrl}/scim/v2`,
    token: connection && {
      createdAt: connection.createdAt.toISOString(),
      lastUsedAt: connection.lastUsedAt?.toISOString() ?? null,
    },
    users,
    groups,
    tellsGroups: connection?.tellsGroups ?? false,
  }
}

/** Gives a provider a token, the only time that anybody sees it, and ends the one before. @throws {ForgeError} not_found */
export async function issueScimToken(scim: Scim, actor: Actor, providerId: string): Promise<IssuedScimToken> {
  const { store } = scim.sessions
  const { text, kept } = scim.tokens.create()

  await store.db.transaction(async (transaction) => {
    // Two who give the first token at once take turns at the provider.
    await store.Provider.findByPk(providerId, { lock: transaction.LOCK.UPDATE, transaction })
    const provider = await findProvider(store, providerId, transaction)
    const before = await lockConnection(store, providerId, transaction)
    const fresh = { ...kept, createdAt: new Date(), lastUsedAt: null }
    if (before) await before.update(fresh, { transaction })
    else await store.ScimConnection.create({ providerId, ...fresh }, { transaction })
    await record(scim, actor, provider, 'platform.sso.scim-token-created', transaction)
  })
  return { token: text, address: `${scim.baseUrl}/scim/v2` }
}

/**
 * Ends what a provider tells: its token, and what it has told of people and groups. Accounts, memberships and
 * suspensions stay as they are.
 * @throws {ForgeError} not_found
 */
export async function removeScim(sso: Sso, actor: Actor, providerId: string): Promise<void> {
  const { store } = sso.sessions
  await store.db.transaction(async (transaction) => {
    const provider = await findProvider(store, providerId, transaction)
    const connection = await lockConnection(store, providerId, transaction)
    if (!connection) throw new ForgeError('not_found', 'This provider has no SCIM token.')
    await connection.destroy({ transaction })
    await record(sso, actor, provider, 'platform.sso.scim-token-removed', transaction)
  })
}

type TokenEvent = 'platform.sso.scim-token-created' | 'platform.sso.scim-token-removed'

async function record(
  { audit }: Sso,
  actor: Actor,
  { id, name }: ProviderRow,
  event: TokenEvent,
  transaction: Transaction,
) {
  await audit.write({ event, actor, scopes: [PLATFORM_SCOPE], body: { provider: { id, name } } }, transaction)
}

/** The connection of a provider, held until the transaction ends; null where it has none. */
export function lockConnection(
  { ScimConnection }: HostStore,
  providerId: string,
  transaction: Transaction,
): Promise<ConnectionRow | null> {
  return ScimConnection.findByPk(providerId, { lock: transaction.LOCK.UPDATE, transaction })
}

interface Found {
  providerId: string
  secretHash: string
  lastUsedAt: RawTime | null
  enabled: number | boolean
}

/** The provider that has presented a token, and the hash that proves it. */
export interface Caller {
  providerId: string
  secretHash: string
}

/**
 * Looked up by a keyed hash: whoever guesses learns nothing from the time, since every guess, and nothing at all, is the
 * same HMACs and the same one statement.
 * @throws {ForgeError} unauthorized; forbidden while the provider is disabled
 */
export async function authenticate(scim: Scim, header: string | undefined): Promise<Caller> {
  const { store } = scim.sessions
  const [, text = ''] = /^Bearer +([\x21-\x7e]{1,200})$/i.exec(header ?? '') ?? []
  const hashes = scim.tokens.hashesOf(text)
  const [found] = await selectRows<Found>(
    store.db,
    `SELECT c.provider_id AS "providerId", c.secret_hash AS "secretHash", c.last_used_at AS "lastUsedAt", p.enabled
     FROM scim_connections c JOIN sso_providers p ON p.id = c.provider_id
     WHERE c.secret_hash IN (${placesFor(hashes)})`,
    hashes,
  )
  if (!found) throw new ForgeError('unauthorized', 'Send the SCIM token of an identity provider as a bearer.')
  if (!found.enabled) throw disabledHere()
  return { providerId: found.providerId, secretHash: await noteUse(scim, found, hashes[0] ?? '') }
}

export const disabledHere = () => new ForgeError('forbidden', 'This identity provider is disabled here.')

/** Writes down the use now and then, and moves the token to the current server key by the way. @returns its hash */
async function noteUse({ sessions: { store }, tokens }: Scim, found: Found, current: string): Promise<string> {
  const { secretHash, lastUsedAt } = found
  const now = Date.now()
  const due = secretHash !== current || lastUsedAt === null || now - toEpochMs(lastUsedAt) >= WRITE_USE_EVERY_MS
  if (!due) return secretHash

  const fresh = { secretHash: current, keyId: tokens.keyId, lastUsedAt: new Date(now) }
  // One that was replaced meanwhile stays.
  await store.ScimConnection.update(fresh, { where: { secretHash } })
  return current
}
