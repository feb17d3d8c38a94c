import { request } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'

import { listen } from './listen.ts'
import type { Listening } from './listen.ts'

export interface BearerProxy extends Listening {
  /** From now on requests go to `url` with `token`. */
  forward: (to: { url: string; token: string }) => void
}

/**
 * Stands where a reverse proxy stands in front of an instance, for clients that cannot be given a token: it copies
 * each request with its Host and Origin, adds the token, and streams the answer back.
 */
export async function startBearerProxy(): Promise<BearerProxy> {
  let target: { url: string; token: string } | null = null

  const listening = await listen((incoming, outgoing) => {
    if (!target) return void outgoing.writeHead(503).end()
    relay(incoming, outgoing, target)
  })
  return { ...listening, forward: (to) => (target = to) }
}

function relay(incoming: IncomingMessage, outgoing: ServerResponse, target: { url: string; token: string }): void {
  const upstream = request(new URL(incoming.url ?? '/', target.url), {
    method: incoming.method,
    headers: { ...incoming.headers, authorization: `Bearer ${target.token}` },
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
