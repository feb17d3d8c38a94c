import { Ajv, type ValidateFunction } from 'ajv'

import { IntrospectionSchema, type Introspection } from '../forge/contract/introspection.ts'
import type { IntrospectorSettings } from './options.ts'

/** The forge gave no answer that can be relied on. The message is for the operator; it holds no secret. */
export class ForgeUnavailableError extends Error {
  override name = 'ForgeUnavailableError'
  readonly retryAfterSeconds: number

  constructor(message: string, options: { retryAfterSeconds?: number | null; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.retryAfterSeconds = Math.min(options.retryAfterSeconds ?? DEFAULT_RETRY_SECONDS, MAX_RETRY_SECONDS)
  }
}

const TIMEOUT_MS = 5_000
const DEFAULT_RETRY_SECONDS = 5
/** A client that waits longer would not notice that the forge is back. */
const MAX_RETRY_SECONDS = 60
/** As much as the forge keeps. */
const MAX_CLIENT_LENGTH = 200

const isIntrospection: ValidateFunction<Introspection> = new Ajv().compile<Introspection>(IntrospectionSchema)

/** What is known of who presents a token; shown to its owner as the last use. */
export interface Presenter {
  /** What the client calls itself. */
  client?: string | undefined
  address?: string | undefined
}

export type AskForge = (token: string, presenter: Presenter) => Promise<Introspection>

/** Asks the forge about a presented token (RFC 7662 section 2.1). The function throws {ForgeUnavailableError}. */
export function createForgeClient(settings: IntrospectorSettings): AskForge {
  const endpoint = `${settings.forgeUrl}/oauth/introspect`
  const headers = { accept: 'application/json', authorization: authorizationOf(settings) }

  return async (token, { client = '', address = '' }) => {
    const form = new URLSearchParams({ token, client: client.slice(0, MAX_CLIENT_LENGTH), client_address: address })
    const response = await post(endpoint, headers, form)
    if (response.status === 401) throw new ForgeUnavailableError(CREDENTIAL_REFUSED)
    if (response.status !== 200) {
      const retryAfterSeconds = readRetryAfter(response.headers.get('retry-after'))
      throw new ForgeUnavailableError(`The forge answered ${response.status} at ${endpoint}.`, { retryAfterSeconds })
    }
    return readAnswer(response, settings, endpoint)
  }
}

const CREDENTIAL_REFUSED =
  'The forge does not accept the credential of this instance (instanceToken, FORGE_PROJECT_TOKEN): ' +
  'until it is replaced by a valid one, nobody can be identified here.'

/** Redirects are errors: they would carry the credential and the token elsewhere. */
async function post(endpoint: string, headers: Record<string, string>, body: URLSearchParams): Promise<Response> {
  try {
    return await fetch(endpoint, {
      method: 'POST',
      headers,
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
  } catch (cause) {
    throw new ForgeUnavailableError(`The forge cannot be reached at ${endpoint}.`, { cause })
  }
}

async function readAnswer(
  response: Response,
  { instanceId }: IntrospectorSettings,
  endpoint: string,
): Promise<Introspection> {
  const answer: unknown = await response.json().catch(() => null)
  if (!isIntrospection(answer)) {
    throw new ForgeUnavailableError(`What answers at ${endpoint} is no forge that this instance understands.`)
  }
  if (answer.active && instanceId !== undefined && answer.forge.instance.id !== instanceId) {
    throw new ForgeUnavailableError(
      `The credential of this instance belongs to another one: the forge takes it for ${answer.forge.instance.id}.`,
    )
  }
  return answer
}

/** HTTP Basic form-encodes both parts first (RFC 6749 section 2.3.1). */
function authorizationOf({ instanceId, instanceToken }: IntrospectorSettings): string {
  if (instanceId === undefined) return `Bearer ${instanceToken}`

  const pair = [instanceId, instanceToken].map(formEncode).join(':')
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

function formEncode(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1)
}

/** Only the form in seconds (RFC 9110 section 10.2.3) is honoured; a date depends on two clocks. */
function readRetryAfter(header: string | null): number | null {
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) : null
}
