import { Ajv } from 'ajv'
import { Type, type Static } from '@sinclair/typebox'
import { LRUCache } from 'lru-cache'

import { NameSchema } from '../contract/common.ts'
import { GRANTS } from '../contract/oauth.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { createPool } from '../limits/pool.ts'
import { fetchDocument, type FetchOptions } from './fetch-document.ts'

export type ClientDocumentOptions = FetchOptions

export interface ClientDocuments {
  /** What the document at the address says. @throws {ForgeError} invalid_client, unauthorized_client, unavailable */
  read(address: string): Promise<{ name: string }>
}

const DocumentSchema = Type.Object({
  client_id: Type.String(),
  client_name: NameSchema(100, 'Claude Code'),
  grant_types: Type.Optional(Type.Array(Type.String())),
  token_endpoint_auth_method: Type.Optional(Type.String()),
})
type Document = Static<typeof DocumentSchema>

const isDocument = new Ajv().compile<Document>(DocumentSchema)

const CACHED_MS = 10 * 60_000
const CACHED_FAILURE_MS = 30_000

type Outcome = { document: { name: string } } | { refusal: ForgeError }

/** Client metadata documents (draft-ietf-oauth-client-id-metadata-document), remembered for a while; so are failures. */
export function createClientDocuments(options: ClientDocumentOptions): ClientDocuments {
  const known = new LRUCache<string, Outcome>({ max: 500 })
  const open = new Map<string, Promise<Outcome>>()
  const inTurn = createPool({
    concurrency: 8,
    maxWaiting: 32,
    refusal: 'Too many programs are being looked up at this moment.',
    retryAfterSeconds: 5,
  })

  async function ask(address: string): Promise<Outcome> {
    const outcome = await inTurn(() => load(address, options))
    known.set(address, outcome, { ttl: 'document' in outcome ? CACHED_MS : CACHED_FAILURE_MS })
    return outcome
  }

  /** Of many who ask for the same at once, one goes and looks. */
  function start(address: string): Promise<Outcome> {
    const question = ask(address).finally(() => open.delete(address))
    open.set(address, question)
    return question
  }

  return {
    async read(address) {
      const outcome = known.get(address) ?? (await (open.get(address) ?? start(address)))
      if ('refusal' in outcome) throw outcome.refusal
      return outcome.document
    },
  }
}

/**
 * Whether a client id is the address of a document: https, a path, and nothing that two readers could take for two
 * different addresses.
 */
export function isDocumentAddress(clientId: string): boolean {
  const url = URL.canParse(clientId) ? new URL(clientId) : null
  return url?.protocol === 'https:' && url.href === clientId && !url.username && !url.hash && url.pathname !== '/'
}

async function load(address: string, options: ClientDocumentOptions): Promise<Outcome> {
  const text = await fetchDocument(new URL(address), options).catch(() => null)
  const document = text === null ? null : readJson(text)
  if (!isDocument(document) || document.client_id !== address) return { refusal: unreadable() }

  const { grant_types: grants, token_endpoint_auth_method: method = 'none' } = document
  // There is nowhere to keep a secret of a client, so none may count on one.
  if (method !== 'none') return { refusal: unreadable() }
  if (grants && !grants.includes(GRANTS.device)) return { refusal: withoutGrant() }
  return { document: { name: document.client_name.trim() } }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** One text for all of it: what this forge reaches inside its network is nobody's business. */
const unreadable = () =>
  new ForgeError('invalid_client', 'There is no client metadata document at this client_id that could be used.')

const withoutGrant = () =>
  new ForgeError('unauthorized_client', 'The metadata document of this client does not name the device grant.')
