import { randomUUID } from 'node:crypto'

import type { AuthInfo } from '@modelcontextprotocol/server'

import { OptionError } from '../options.ts'
import type { ForgeLink } from '../forge-link.ts'
import { routeKey } from '../connect.ts'
import { callerFrom } from './caller-from.ts'
import { createMessageGate, type MessageGate } from './message-gate.ts'
import { asRequest, isFields } from './json-rpc.ts'
import { asksForScope, challengeInHead } from './scope-challenge.ts'

/* What both lines of the SDK have in common, as far as the guard looks. */
type OnMessage = (message: never, extra?: never) => void
interface AnyTransport {
  onmessage?: OnMessage | undefined
  onclose?: (() => void) | undefined
  send(message: never, options?: never): Promise<void>
}
interface AnyServer {
  connect(transport: never): Promise<void>
}

export interface GuardOptions {
  /** Where the server is served, below the address of the instance; `/mcp` unless given. */
  path?: string
}

/** The id of a question of our own, which no client can guess. */
const OWN_ID = `forge-pat/${randomUUID()}`
/** A server that does not describe its tools in this time has tools that count as the worst. */
const ASK_MS = 2_000
/** Not longer: since 2026-07-28 a caller who goes cancels the call, and its tool is told by the closing. */
const LATE_ANSWER_MS = 5_000

/**
 * Puts the gate in front of a server that is built with the official SDK, v1 or v2, `McpServer` or `Server`, before it
 * is connected: who may call which tool, what is listed to whom, and the log of calls.
 * @param link of the middleware that identifies callers: `httpNodeMiddleware(…).link`
 * @throws {OptionError} a path that is none
 */
export function guardTools<Guarded extends AnyServer>(
  server: Guarded,
  link: ForgeLink,
  { path = '/mcp' }: GuardOptions = {},
): Guarded {
  if (!/^\/[^\s?#]{0,199}$/.test(path)) throw new OptionError(`guardTools: "${path}" is no path; write one like /mcp.`)

  const connect = server.connect.bind(server) as (transport: AnyTransport) => Promise<void>
  const guarded = (transport: AnyTransport) => {
    guardTransport(transport, link, routeKey(path))
    return connect(transport)
  }
  server.connect = guarded
  return server
}

function guardTransport(transport: AnyTransport, link: ForgeLink, server: string): void {
  const send = transport.send.bind(transport) as (message: unknown, options?: unknown) => Promise<void>
  let own: (() => void) | null = null
  let ask: (() => Promise<void>) | null = null
  let asking: Promise<void> | null = null
  const askTools = async () => {
    asking ??= ask?.().finally(() => (asking = null)) ?? null
    await asking
  }
  const messages = createMessageGate(link, { server, keep: false, askTools })

  const guardedSend = (message: unknown, options?: unknown): Promise<void> => {
    if (isFields(message) && message['id'] === OWN_ID && !('method' in message)) {
      messages.send(message)
      own?.()
      return Promise.resolve()
    }
    const shown = messages.send(message)
    return shown instanceof Promise ? shown.then((later) => send(later, options)) : send(shown, options)
  }
  transport.send = guardedSend

  intercept(transport, (deliver) => (message, extra) => {
    const authInfo = isFields(extra) ? (extra['authInfo'] as AuthInfo | undefined) : undefined
    const caller = callerFrom(authInfo)
    ask = () =>
      new Promise((resolve) => {
        own = resolve
        setTimeout(resolve, ASK_MS).unref()
        // With the envelope of the request that made us ask: since 2026-07-28 each needs one.
        const meta = asRequest(message)?.params['_meta']
        const request = { jsonrpc: '2.0', id: OWN_ID, method: 'tools/list', params: meta ? { _meta: meta } : {} }
        void messages.receive(request, caller)
        deliver(request, extra)
      })
    const verdict = messages.receive(message, caller)
    if (verdict === null) return deliver(message, extra)
    void verdict.then((refused) => {
      if (!refused) return deliver(message, extra)
      const rpc = asRequest(message)
      const { permission } = refused
      if (rpc && asksForScope(rpc, permission)) {
        challengeInHead(authInfo, { link, rpc, permission, tool: { name: String(rpc.params['name']) } })
      }
      return send(refused.answer).catch(() => undefined)
    })
  })
  endWith(transport, messages)
}

type Deliver = (message: unknown, extra: unknown) => void

/**
 * Puts itself between a transport and whoever sets its `onmessage`. Some transports have a plain property there, some
 * hand it on to another transport behind them.
 */
function intercept(transport: AnyTransport, wrap: (deliver: Deliver) => Deliver): void {
  const inherited = accessorOf(transport)
  let guarded: OnMessage | undefined
  Object.defineProperty(transport, 'onmessage', {
    configurable: true,
    enumerable: true,
    get: () => guarded,
    set: (handler: OnMessage | undefined) => {
      guarded = handler && wrap(handler as Deliver)
      inherited?.set?.call(transport, guarded)
    },
  })
}

function accessorOf(transport: object): PropertyDescriptor | null {
  for (let at: unknown = transport; at; at = Object.getPrototypeOf(at)) {
    const found = Object.getOwnPropertyDescriptor(at, 'onmessage')
    if (found) return found.set ? found : null
  }
  return null
}

/**
 * An SDK drops what a tool returns after its connection is closed. So that is put off for a moment while a call is under
 * way: what came of it is logged although its caller has gone.
 */
function endWith(transport: AnyTransport, messages: MessageGate): void {
  const close = (transport as { close?: () => Promise<void> }).close?.bind(transport)
  if (close) Object.assign(transport, { close: () => messages.end(LATE_ANSWER_MS).then(close) })
}
