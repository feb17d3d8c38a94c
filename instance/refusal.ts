import type { ServerResponse } from 'node:http'

import type { ForgeUnavailableError } from './forge-api.ts'

/** An answer of ours instead of the host's. Texts are ASCII without quotes and backslashes (RFC 6750 section 3). */
export interface Refusal {
  status: 400 | 401 | 403 | 404 | 405 | 500 | 503
  /** An error code for programs; those of RFC 6750 section 3.1 where they fit. */
  error: string
  description: string
  headers?: Record<string, string>
}

/** Attributes of a Bearer challenge (RFC 6750 section 3, RFC 9728 section 5.1); each at most once, absent ones left out. */
export interface Challenge {
  error?: 'invalid_request' | 'invalid_token' | 'insufficient_scope'
  error_description?: string
  scope?: string
  resource_metadata?: string
}

export function formatChallenge(challenge: Challenge): string {
  const attributes = Object.entries(challenge).map(([name, value]) => `${name}="${asQuotable(String(value))}"`)
  return `Bearer ${attributes.join(', ')}`
}

/** Keeps what may stand in a quoted string of these attributes as it is; the rest becomes a question mark. */
function asQuotable(text: string): string {
  return text.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '?')
}

export function sendRefusal(response: ServerResponse, { status, error, description, headers }: Refusal): void {
  if (response.destroyed) return
  if (response.headersSent) return void response.destroy()

  const body = JSON.stringify({ error, error_description: description })
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  })
  response.end(body)
}

/** What a challenge says about the endpoint: the scope that it takes, and where its metadata is. */
export interface Target {
  scope: string
  metadata: string
}

/** One text for every token that the forge does not vouch for: why is nobody's business but its owner's. */
export const NOT_ACCEPTED =
  'This token is not accepted here: it is unknown, expired, revoked, or made for other instances.'
export const NOT_OURS = 'This is not an access token of the forge that this instance belongs to.'

/** No `error` attribute: the request had no credential (RFC 6750 section 3.1). */
export function tokenRequired({ scope, metadata }: Target): Refusal {
  return {
    status: 401,
    error: 'token_required',
    description: 'Send an access token: Authorization: Bearer, a blank, and the token.',
    headers: withChallenge({ scope, resource_metadata: metadata }),
  }
}

export function unauthorized({ scope, metadata }: Target, description: string): Refusal {
  const error = 'invalid_token'
  const headers = withChallenge({ error, error_description: description, scope, resource_metadata: metadata })
  return { status: 401, error, description, headers }
}

export function malformed({ metadata }: Target): Refusal {
  const error = 'invalid_request'
  const description = 'There is more than one Authorization header. Send one.'
  const headers = withChallenge({ error, error_description: description, resource_metadata: metadata })
  return { status: 400, error, description, headers }
}

export function insufficientScope({ scope, metadata }: Target): Refusal {
  const error = 'insufficient_scope'
  const description = 'This token is read-only: here it may be used with GET and HEAD.'
  const headers = withChallenge({ error, error_description: description, scope, resource_metadata: metadata })
  return { status: 403, error, description, headers }
}

export function unavailable({ retryAfterSeconds }: ForgeUnavailableError): Refusal {
  return {
    status: 503,
    error: 'temporarily_unavailable',
    description: 'The forge cannot be asked about this token at the moment. Try again soon.',
    headers: { 'retry-after': String(retryAfterSeconds) },
  }
}

export const FOREIGN_ORIGIN: Refusal = {
  status: 403,
  error: 'origin_not_allowed',
  description: 'Web pages of this origin may not call this MCP endpoint.',
}

/** The same as for a session that there is not: a client begins anew (MCP 2025-11-25, session management). */
export const FOREIGN_SESSION: Refusal = {
  status: 404,
  error: 'session_not_found',
  description: 'There is no such session of yours. Begin with initialize, without a session id.',
}

/** No scope would help, so there is no challenge to step up. */
export const MCP_ONLY: Refusal = {
  status: 403,
  error: 'mcp_only',
  description: 'The policy of the team lets tokens reach MCP endpoints alone.',
}

export const UNEXPECTED: Refusal = {
  status: 500,
  error: 'unexpected_error',
  description: 'The instance could not check this request.',
}

function withChallenge(challenge: Challenge): Record<string, string> {
  return { 'www-authenticate': formatChallenge(challenge) }
}
