import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

import type { InstanceEvent } from '../../../forge/contract/instance-events.ts'
import type { ActiveIntrospection } from '../../../forge/contract/introspection.ts'
import { formatToken } from '../../../forge/contract/token-format.ts'
import { listen, type Listening } from './listen.ts'

export interface Asked {
  path: string | undefined
  authorization: string | undefined
  contentType: string | undefined
  token: string | null
  client: string | null
  address: string | null
}

type Answer = (asked: Asked, response: ServerResponse) => void | Promise<void>

/** A request to what the forge has for instances beside introspection. */
export interface InstanceCall {
  /** Method and path below `/api/v1/instance`, such as `GET /tool-rules`. */
  what: string
  headers: IncomingMessage['headers']
  body: string
}

type InstanceAnswer = (call: InstanceCall, response: ServerResponse) => void | Promise<void>

/** Speaks RFC 7662 as badly as a test wants: for the faults that a real forge cannot be made to show. */
export interface LoopbackForge extends Listening {
  /** Introspections. */
  asked: Asked[]
  answer: Answer
  /** Everything else, in order. */
  calls: InstanceCall[]
  /** By `what`; 404 for the rest. */
  routes: Record<string, InstanceAnswer>
}

export async function startLoopbackForge(answer: Answer = json(200, { active: false })): Promise<LoopbackForge> {
  const forge: Omit<LoopbackForge, keyof Listening> = { asked: [], answer, calls: [], routes: {} }

  const listening = await listen((request, response) => {
    void text(request).then((body) => {
      const what = /\/api\/v1\/instance(\/.*)$/.exec(request.url ?? '')?.[1]
      if (what !== undefined) {
        const call = { what: `${request.method} ${what}`, headers: request.headers, body }
        forge.calls.push(call)
        return (forge.routes[call.what] ?? NOT_HERE)(call, response)
      }
      const asked = read(request, body)
      forge.asked.push(asked)
      return forge.answer(asked, response)
    })
  })
  return Object.assign(forge, listening)
}

const NOT_HERE: InstanceAnswer = (_call, response) => void response.writeHead(404).end()

function read(request: IncomingMessage, body: string): Asked {
  const form = new URLSearchParams(body)
  return {
    path: request.url,
    authorization: request.headers.authorization,
    contentType: request.headers['content-type'],
    token: form.get('token'),
    client: form.get('client'),
    address: form.get('client_address'),
  }
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (_asked, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  }
}

export interface EventStream {
  /** `Last-Event-ID` of each connection, in order. */
  connections: (string | undefined)[]
  /** Sends an event to whoever is connected. */
  push(event: InstanceEvent, id?: string): void
  comment(): void
  /** Ends the connection, as a network does. */
  cut(): void
}

/** Lets the forge push. @param hello the first event of each connection; null for none */
export function withEvents(
  forge: LoopbackForge,
  hello: InstanceEvent | null = { event: 'hello', data: { resumed: false, heartbeatSeconds: 20 } },
): EventStream {
  let open: ServerResponse | null = null
  const stream: EventStream = {
    connections: [],
    push: ({ event, data }, id) =>
      void open?.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    comment: () => void open?.write(': beat\n\n'),
    cut: () => void open?.destroy(),
  }
  forge.routes['GET /events'] = ({ headers }, response) => {
    open = response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    stream.connections.push(headers['last-event-id'] as string | undefined)
    if (hello) stream.push(hello)
  }
  return stream
}

/** A well-formed token that no forge knows. @param n tells them apart */
export function madeUpToken(n = 0): string {
  return formatToken({ selector: String(n).padStart(12, '0'), secret: 'S'.repeat(43) })
}

/** What a forge says about alice, a member of team Line 3. */
export function activeAnswer(
  changes: Partial<ActiveIntrospection> = {},
  forge: Partial<ActiveIntrospection['forge']> = {},
): ActiveIntrospection {
  return {
    active: true,
    iss: 'https://forge.example',
    sub: 'alice-id',
    username: 'alice',
    name: 'Alice Example',
    email: 'alice@example.com',
    client_id: 'pat:tokenA',
    jti: 'tokenA',
    token_type: 'Bearer',
    scope: 'mcp:read mcp:write',
    aud: 'https://line3.example',
    iat: 1_700_000_000,
    roles: ['member'],
    ...changes,
    forge: {
      team: { id: 'teamA', slug: 'line-3', name: 'Line 3' },
      instance: { id: 'instanceA', name: 'Press' },
      role: { name: 'member', level: 30 },
      readOnly: false,
      mcpOnly: false,
      auditRef: 'tokenA.mac',
      cacheSeconds: 30,
      ...forge,
    },
  }
}
