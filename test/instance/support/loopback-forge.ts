import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

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

/** Speaks RFC 7662 as badly as a test wants: for the faults that a real forge cannot be made to show. */
export interface LoopbackForge extends Listening {
  asked: Asked[]
  answer: Answer
}

export async function startLoopbackForge(answer: Answer = json(200, { active: false })): Promise<LoopbackForge> {
  const forge: Omit<LoopbackForge, keyof Listening> = { asked: [], answer }

  const listening = await listen((request, response) => {
    void read(request).then((asked) => {
      forge.asked.push(asked)
      return forge.answer(asked, response)
    })
  })
  return Object.assign(forge, listening)
}

async function read(request: IncomingMessage): Promise<Asked> {
  const form = new URLSearchParams(await text(request))
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
