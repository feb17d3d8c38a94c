import { request, type IncomingMessage, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'

import { listen, type Listening } from './listen.ts'

interface Target {
  url: string
  /** Null leaves each request as it came. */
  token: string | null
}

export interface BearerProxy extends Listening {
  /** Where requests go from now on, and with which token. */
  forward: (to: Target) => void
}

/**
 * Stands where a reverse proxy stands in front of an instance, for clients that cannot be given a token: it copies
 * each request with its Host and Origin, adds the token, and streams the answer back.
 */
export async function startBearerProxy(): Promise<BearerProxy> {
  let target: Target | null = null

  const listening = await listen((incoming, outgoing) => {
    if (target) relay(incoming, outgoing, target)
    else outgoing.writeHead(503).end()
  })
  return { ...listening, forward: (to) => (target = to) }
}

function relay(incoming: IncomingMessage, outgoing: ServerResponse, { url, token }: Target): void {
  const upstream = request(new URL(incoming.url ?? '/', url), {
    method: incoming.method,
    headers: { ...incoming.headers, ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
  })

  upstream.on('response', (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    // An event stream may stay without an event for long; its head must not wait for the first.
    outgoing.flushHeaders()
    pipeline(answer, outgoing, () => {})
  })
  upstream.on('error', () => outgoing.destroy())
  outgoing.on('close', () => upstream.destroy())
  incoming.pipe(upstream)
}
