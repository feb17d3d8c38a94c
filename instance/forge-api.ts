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

interface ForgeRequest {
  method?: 'GET' | 'POST' | 'PUT'
  headers?: Record<string, string>
  body?: URLSearchParams | string
  /** For streams; anything else is given five seconds. */
  signal?: AbortSignal
  /** Statuses that the caller understands; every other one is no answer. */
  expect: readonly number[]
}

/**
 * Sends a request to the forge with the instance's own credential. Redirects are errors: they would carry the
 * credential elsewhere. The function throws {ForgeUnavailableError}.
 */
export type ForgeApi = (path: string, request: ForgeRequest) => Promise<Response>

export function createForgeApi(settings: IntrospectorSettings): ForgeApi {
  const authorization = authorizationOf(settings)

  return async (path, { method = 'GET', headers, body, signal, expect }) => {
    const url = settings.forgeUrl + path
    const response = await fetch(url, {
      method,
      headers: { accept: 'application/json', ...headers, authorization },
      ...(body === undefined ? {} : { body }),
      redirect: 'error',
      signal: signal ?? AbortSignal.timeout(TIMEOUT_MS),
    }).catch((cause: unknown) => {
      throw new ForgeUnavailableError(`The forge cannot be reached at ${url}.`, { cause })
    })
    if (expect.includes(response.status)) return response

    // An unread body would hold its connection.
    await response.body?.cancel().catch(() => undefined)
    if (response.status === 401) throw new ForgeUnavailableError(CREDENTIAL_REFUSED)
    const retryAfterSeconds = readRetryAfter(response.headers.get('retry-after'))
    throw new ForgeUnavailableError(`The forge answered ${response.status} at ${url}.`, { retryAfterSeconds })
  }
}

const CREDENTIAL_REFUSED =
  'The forge does not accept the credential of this instance (instanceToken, FORGE_PROJECT_TOKEN): ' +
  'until it is replaced by a valid one, nobody can be identified here.'

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
