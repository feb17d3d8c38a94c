import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'

import { LRUCache } from 'lru-cache'

import { callerOf, type Caller } from '../caller.ts'
import type { InstanceRequest, Next } from '../connect.ts'
import type { ForgeLink } from '../forge-link.ts'
import { readJsonBody } from '../read-body.ts'
import { createMessageGate, type MessageGate, type Refused } from './message-gate.ts'
import { headerMismatch } from './header-mismatch.ts'
import { inspectAnswer } from './inspect-answer.ts'
import { asRequest, messagesOf, rpcError } from './json-rpc.ts'
import { asksForScope, sendScopeChallenge } from './scope-challenge.ts'
import type { Unanswered } from './unanswered.ts'

const TOO_LARGE = { code: -32_000, message: 'The request is too large: four megabytes are the most.' }
const NO_JSON = { code: -32_700, message: 'The body of the request is no JSON.' }

/**
 * Looks at what passes between clients and an MCP server that is not known otherwise: judges calls, shortens lists, and
 * logs each call before its answer goes out.
 *
 * The body is handed on as it was understood here, written anew: with the bytes of the client a server that reads, for
 * example, the first of two equal fields could be told another tool than we were.
 */
export async function inspectBody(
  request: InstanceRequest,
  response: ServerResponse,
  { link, server, next }: { link: ForgeLink; server: string; next: Next },
): Promise<void> {
  const caller = callerOf(request)
  if (!caller) return next()

  // An answer that is compressed could not be looked at.
  delete request.headers['accept-encoding']
  const unanswered = unansweredOf(link, server, request, caller)
  const messages = createMessageGate(link, {
    server,
    keep: true,
    listener: caller,
    ...(unanswered ? { unanswered } : {}),
  })
  if (request.method !== 'POST' && !hasBody(request)) {
    inspectAnswer(response, messages)
    return next()
  }

  const body = await readJsonBody(request)
  if (body.kind === 'too-large') return send(response, 413, rpcError(null, TOO_LARGE))
  if (body.kind === 'no-json') return send(response, 400, rpcError(null, NO_JSON))

  const bytes = written(body.value)
  if (bytes === null) return send(response, 400, rpcError(null, NO_JSON))
  const mismatch = headerMismatch(request, body.value)
  if (mismatch) return send(response, 400, mismatch)

  const { passed, refused } = await judge(messages, body.value, caller)
  if (passed.length === 0 && refused.length > 0) return answer(request, response, { link, body: body.value, refused })

  if (Array.isArray(body.value)) replaceBody(request, passed, Buffer.from(JSON.stringify(passed)))
  else replaceBody(request, body.value, bytes)
  inspectAnswer(
    response,
    messages,
    refused.map((each) => each.answer),
  )
  next()
}

/** Servers that do not look at the method take a call with any. */
function hasBody({ headers }: InstanceRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

const MAX_SESSIONS = 1_000
const sessions = new WeakMap<ForgeLink, LRUCache<string, Unanswered>>()

/** What waits for an answer in the session of the older era that a request belongs to; null when that is none. */
function unansweredOf(
  link: ForgeLink,
  server: string,
  { headers }: InstanceRequest,
  caller: Caller,
): Unanswered | null {
  const session = headers['mcp-session-id']
  if (session === undefined) return null

  const all = sessions.get(link) ?? new LRUCache<string, Unanswered>({ max: MAX_SESSIONS })
  sessions.set(link, all)
  const key = createHash('sha256')
    .update(JSON.stringify([server, caller.tokenId, session]))
    .digest('base64url')
  const known = all.get(key) ?? new Map()
  all.set(key, known)
  return known
}

async function judge(messages: MessageGate, body: unknown, caller: Caller) {
  const passed: unknown[] = []
  const refused: Refused[] = []
  for (const message of messagesOf(body)) {
    const verdict = await messages.receive(message, caller)
    if (verdict) refused.push(verdict)
    else passed.push(message)
  }
  return { passed, refused }
}

function answer(
  request: InstanceRequest,
  response: ServerResponse,
  { link, body, refused }: { link: ForgeLink; body: unknown; refused: Refused[] },
): void {
  if (Array.isArray(body)) {
    const answers = refused.map((each) => each.answer)
    return send(response, 200, answers)
  }
  const [only] = refused
  const rpc = asRequest(body)
  const permission = only?.permission
  if (rpc && asksForScope(rpc, permission)) {
    const tool = { name: String(rpc.params['name']) }
    return sendScopeChallenge(request, response, { link, rpc, tool, permission })
  }
  send(response, rpc ? 200 : 400, only?.answer)
}

/** Null for what nests too deep to be written anew: nothing may be waited for that is not handed on. */
function written(value: unknown): Buffer | null {
  try {
    return Buffer.from(JSON.stringify(value))
  } catch {
    return null
  }
}

/** As a stream and as `body`, in the form that a parser has left there: servers read one or the other. */
function replaceBody(request: InstanceRequest, value: unknown, bytes: Buffer): void {
  if (typeof request.body === 'string') request.body = bytes.toString()
  else request.body = Buffer.isBuffer(request.body) ? bytes : value
  // Body parsers pass over a request that says it was read.
  Object.assign(request, { _body: true })
  request.headers['content-length'] = String(bytes.length)
  delete request.headers['transfer-encoding']
  streamAgain(request, bytes)
}

/** Lets the request be read once more, with other bytes than came. */
function streamAgain(request: InstanceRequest, bytes: Buffer): void {
  const again = Readable.from([bytes], { objectMode: false })
  for (const name of ['on', 'once', 'off', 'addListener', 'removeListener', 'removeAllListeners'] as const) {
    const own = request[name].bind(request) as (event: string, ...rest: unknown[]) => unknown
    const other = again[name].bind(again) as typeof own
    const routed = (event: string, ...rest: unknown[]) => {
      if (event === 'data' || event === 'end' || event === 'readable') other(event, ...rest)
      else own(event, ...rest)
      return request
    }
    Object.assign(request, { [name]: routed })
  }
  const readable = {
    read: again.read,
    pipe: again.pipe,
    unpipe: again.unpipe,
    resume: again.resume,
    pause: again.pause,
  }
  for (const [name, method] of Object.entries(readable)) Object.assign(request, { [name]: method.bind(again) })
  Object.assign(request, {
    setEncoding: again.setEncoding.bind(again),
    [Symbol.asyncIterator]: again[Symbol.asyncIterator].bind(again),
  })
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
