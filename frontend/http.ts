import type { ApiError } from '@contract/common.ts'

import { address } from './base.ts'
import { t } from './messages/messages.ts'

/** A refused call. `message` is a sentence for the person. */
export class Refusal extends Error {
  readonly code: string
  /** 0 when nothing answered. */
  readonly status: number

  constructor(code: string, message: string, status: number) {
    super(message)
    this.name = 'Refusal'
    this.code = code
    this.status = status
  }
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Why a call wants a new sign-in: nobody is signed in any more, or it mints power and the sign-in is too old for that. */
export type RenewalReason = 'ended' | 'unconfirmed'

/** Asks the person to sign in again; false when they would rather not. */
type Renew = (reason: RenewalReason) => Promise<boolean>

let renewSession: Renew | null = null

/** Says who asks for a new sign-in when a call finds the session ended. */
export function onSessionEnded(renew: Renew | null): void {
  renewSession = renew
}

/** What a call says beside its body. */
type Headers = Record<string, string>

/**
 * One call below the mount path. A call that finds the session ended waits for a new sign-in and is then made once
 * more, so that nothing that a person typed is lost.
 * @throws {Refusal}
 */
export async function call<Answer>(method: Method, path: string, body?: unknown, headers?: Headers): Promise<Answer> {
  try {
    return await callOnce<Answer>(method, path, body, headers)
  } catch (error) {
    const reason = renewalReason(error)
    if (reason === null || renewSession === null) throw error
    if (!(await renewSession(reason))) throw error
    return callOnce<Answer>(method, path, body, headers)
  }
}

/** The same without waiting for a new sign-in. @throws {Refusal} */
export async function callOnce<Answer>(
  method: Method,
  path: string,
  body?: unknown,
  headers: Headers = {},
): Promise<Answer> {
  const response = await send(method, path, { body, headers })
  const answer = await readJson(response)
  if (!response.ok) throw refusalOf(response, answer)
  return answer as Answer
}

/** Whether a refusal means that nobody is signed in. */
export const isSessionEnded = (error: unknown): boolean => renewalReason(error) === 'ended'

const RENEWAL_REASONS: Partial<Record<string, RenewalReason>> = {
  unauthorized: 'ended',
  reauthentication_required: 'unconfirmed',
}

const renewalReason = (error: unknown): RenewalReason | null =>
  error instanceof Refusal ? (RENEWAL_REASONS[error.code] ?? null) : null

/** The sentence to show for anything that was thrown. */
export const messageOf = (error: unknown): string =>
  error instanceof Refusal ? error.message : t.http.somethingWentWrongOn

async function send(
  method: Method,
  path: string,
  { body, headers }: { body: unknown; headers: Headers },
): Promise<Response> {
  const init: RequestInit = {
    method,
    credentials: 'same-origin',
    headers: { accept: 'application/json', ...headers },
  }
  if (body !== undefined) {
    init.body = JSON.stringify(body)
    init.headers = { ...init.headers, 'content-type': 'application/json' }
  }

  try {
    return await fetch(address(path), init)
  } catch {
    throw new Refusal('unreachable', t.http.noAnswer, 0)
  }
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text().catch(() => '')
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** A proxy in between may answer with a page of its own: then the status is all there is to say. */
function refusalOf(response: Response, answer: unknown): Refusal {
  if (isApiError(answer)) return new Refusal(answer.code, answer.error, response.status)
  const message = t.http.theForgeCouldNot(response.status)
  return new Refusal('unexpected_answer', message, response.status)
}

function isApiError(answer: unknown): answer is ApiError {
  if (typeof answer !== 'object' || answer === null) return false
  return 'code' in answer && typeof answer.code === 'string' && 'error' in answer && typeof answer.error === 'string'
}
