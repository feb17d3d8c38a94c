import { setTimeout as sleep } from 'node:timers/promises'

import { EXIT } from '../forge/cli/command.ts'
import { adviceIn, describeStatus } from './ask-forge.ts'
import { CommandError } from './command-error.ts'
import type { Endpoints } from './discovery.ts'
import { UnreachableError, type Fetch } from './http.ts'
import type { Wishes } from './store/token-store.ts'

/** Every forge knows this command by this name, as a public client. */
const CLIENT_ID = 'forge-pat'

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code'
/** RFC 8628 section 3.2, where the forge names none, and section 3.5, for `slow_down`. */
const INTERVAL_SECONDS = 5
/** Against a forge that forgets to say when its code ends. */
const LIFETIME_SECONDS = 600

/** What the person has to type where (RFC 8628 section 3.2). */
export interface DeviceCode {
  deviceCode: string
  userCode: string
  verificationUri: string
  /** With the code in it; the page shows it all the same, and asks. */
  verificationUriComplete: string
  expiresInSeconds: number
  intervalSeconds: number
}

/** Starts a sign-in. @throws {CommandError} */
export async function startDeviceGrant(endpoints: Endpoints, wishes: Wishes, fetch: Fetch): Promise<DeviceCode> {
  const form = new URLSearchParams({ client_id: CLIENT_ID, scope: wishes.scope })
  for (const resource of wishes.resources) form.append('resource', resource)
  const response = await fetch(endpoints.deviceAuthorization, { method: 'POST', body: form })
  if (!response.ok) throw new CommandError(`The forge does not start a sign-in: ${await reasonOf(response)}`)

  const body = (await response.json()) as Record<string, unknown>
  const text = (name: string) => (typeof body[name] === 'string' ? body[name] : '')
  const seconds = (name: string, fallback: number) => (Number(body[name]) > 0 ? Number(body[name]) : fallback)
  if (!text('device_code') || !text('user_code') || !URL.canParse(text('verification_uri'))) {
    throw new CommandError('The forge started a sign-in without saying how to go on.')
  }
  return {
    deviceCode: text('device_code'),
    userCode: text('user_code'),
    verificationUri: text('verification_uri'),
    verificationUriComplete: text('verification_uri_complete') || text('verification_uri'),
    expiresInSeconds: seconds('expires_in', LIFETIME_SECONDS),
    intervalSeconds: seconds('interval', INTERVAL_SECONDS),
  }
}

/**
 * Waits until the person has decided. An answer that is under way is waited for even when the signal comes: it may be
 * the only one that holds the token.
 * @returns the token; null when the signal came first
 * @throws {CommandError} when they said no, or took too long
 */
export async function waitForToken(
  { token: endpoint }: Endpoints,
  code: DeviceCode,
  { fetch, signal, pause = pauseFor, now = Date.now }: Waiting,
): Promise<string | null> {
  const form = new URLSearchParams({ grant_type: GRANT_TYPE, device_code: code.deviceCode, client_id: CLIENT_ID })
  const end = now() + code.expiresInSeconds * 1000
  let interval = code.intervalSeconds

  while (now() < end) {
    await pause(interval, signal)
    if (signal.aborted) return null

    const poll = await pollOnce(endpoint, form, fetch)
    if (poll.state === 'token') return poll.text
    if (poll.state === 'slower') interval += INTERVAL_SECONDS
  }
  throw expired()
}

export interface Waiting {
  fetch: Fetch
  signal: AbortSignal
  /** Seconds pass, or the signal comes. */
  pause?: (seconds: number, signal: AbortSignal) => Promise<void>
  /** Epoch ms. */
  now?: () => number
}

async function pauseFor(seconds: number, signal: AbortSignal): Promise<void> {
  await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined)
}

type Poll = { state: 'token'; text: string } | { state: 'pending' } | { state: 'slower' }

async function pollOnce(endpoint: string, form: URLSearchParams, fetch: Fetch): Promise<Poll> {
  let response: Response
  try {
    response = await fetch(endpoint, { method: 'POST', body: form })
  } catch (error) {
    // RFC 8628 section 3.5: a connection that fails is a reason to slow down.
    if (error instanceof UnreachableError && error.obstacle !== 'certificate') return { state: 'slower' }
    throw error
  }
  if (response.status === 429 || response.status >= 500) return { state: 'slower' }

  const body = (await response
    .clone()
    .json()
    .catch(() => ({}))) as Record<string, unknown>
  if (response.ok && typeof body['access_token'] === 'string') return { state: 'token', text: body['access_token'] }
  switch (body['error']) {
    case 'authorization_pending':
      return { state: 'pending' }
    case 'slow_down':
      return { state: 'slower' }
    case 'access_denied':
      throw new CommandError('The sign-in was denied in the browser. Nothing was stored.', { exitCode: EXIT.found })
    case 'expired_token':
      throw expired()
    default:
      throw new CommandError(`The forge does not go on with the sign-in: ${await reasonOf(response)}`)
  }
}

function expired(): CommandError {
  return new CommandError('The code has expired before anybody approved it. Run forge-pat login again.', {
    exitCode: EXIT.found,
  })
}

/** Ends a token (RFC 7009). @throws {CommandError} when the forge did not say so */
export async function revokeToken({ revocation }: Endpoints, text: string, fetch: Fetch): Promise<void> {
  const form = new URLSearchParams({ token: text, token_type_hint: 'access_token', client_id: CLIENT_ID })
  const response = await fetch(revocation, { method: 'POST', body: form })
  if (!response.ok) throw new CommandError(`The forge did not end the token: ${await reasonOf(response)}`)
}

async function reasonOf(response: Response): Promise<string> {
  return response.status >= 400 && response.status < 500
    ? adviceIn(response)
    : `it answered ${describeStatus(response)}.`
}
