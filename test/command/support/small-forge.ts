import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'

import { onTestFinished } from 'vitest'

import { formatToken } from '../../../forge/contract/token-format.ts'

/** What the token endpoint says to one poll: an error of RFC 8628 section 3.5, or the token. */
export type PollAnswer = 'authorization_pending' | 'slow_down' | 'access_denied' | 'expired_token' | 'token'

export interface SmallForgeOptions {
  /** Such as `/pat`. */
  prefix?: string
  /** Answers to the polls, in order; the last one is repeated. */
  polls?: PollAnswer[]
  tls?: { key: string; cert: string }
  /** What it calls itself, where that is not where it is. */
  issuer?: string
  instances?: { name: string; url: string }[]
}

export interface SmallForge {
  url: string
  /** Every request, as `POST /oauth/token`. */
  requests: string[]
  bodies: URLSearchParams[]
  /** Texts of tokens, in the order in which they were issued. */
  issued: string[]
  revoked: Set<string>
  /** Called before a poll is answered. */
  onPoll: () => Promise<void> | void
  /** Seconds by which its clock is off. */
  skewSeconds: number
}

/**
 * The other side of the RFCs (8414, 8628, 7009) with answers that a test chooses: what a real forge says only after
 * minutes, or never. Journeys with the real one are in with-forge.slow.test.ts.
 */
export async function startSmallForge(
  options: SmallForgeOptions = {},
  atEnd: (clean: () => void) => void = onTestFinished,
): Promise<SmallForge> {
  const { prefix = '', polls = ['token'], tls } = options
  const left = [...polls]
  const forge: SmallForge = {
    url: '',
    requests: [],
    bodies: [],
    issued: [],
    revoked: new Set(),
    onPoll: () => undefined,
    skewSeconds: 0,
  }
  const issue = () => {
    const text = formatToken({ selector: `sel${String(forge.issued.length).padStart(9, '0')}`, secret: 'S'.repeat(43) })
    forge.issued.push(text)
    return text
  }

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? '').startsWith(prefix) ? (request.url ?? '').slice(prefix.length) : (request.url ?? '')
    const body = new URLSearchParams(await textOf(request))
    forge.requests.push(`${request.method} ${request.url}`)
    forge.bodies.push(body)
    const json = (status: number, value: unknown, headers: Record<string, string> = {}) => {
      const date = new Date(Date.now() + forge.skewSeconds * 1000).toUTCString()
      response.writeHead(status, { 'content-type': 'application/json', date, ...headers }).end(JSON.stringify(value))
    }

    if (request.url === `/.well-known/oauth-authorization-server${prefix}`) {
      return json(200, metadataOf(options.issuer ?? forge.url, forge.url))
    }
    if (path === '/oauth/device_authorization') {
      const verification_uri = `${forge.url}/device`
      return json(200, {
        device_code: 'device-code-of-the-test',
        user_code: 'WDJB-MJHT',
        verification_uri,
        verification_uri_complete: `${verification_uri}?code=WDJB-MJHT`,
        expires_in: 600,
        interval: 0.05,
      })
    }
    if (path === '/oauth/token') {
      await forge.onPoll()
      const next = (left.length > 1 ? left.shift() : left[0]) ?? 'token'
      return next === 'token'
        ? json(200, { access_token: issue(), token_type: 'Bearer', scope: 'mcp:read' })
        : json(400, { error: next })
    }
    if (path === '/oauth/revoke') {
      forge.revoked.add(body.get('token') ?? '')
      return response.writeHead(200).end()
    }
    if (path === '/api/v1/whoami') {
      const text = (request.headers.authorization ?? '').replace('Bearer ', '')
      if (forge.issued.includes(text) && !forge.revoked.has(text))
        return json(200, whoAmI(text, options.instances ?? []))
      const challenge = 'Bearer error="invalid_token", error_description="The access token is expired or revoked."'
      return json(401, { code: 'invalid_token', error: 'no' }, { 'www-authenticate': challenge })
    }
    return json(404, { code: 'not_found', error: 'Nothing here.' })
  }

  const server: Server = tls ? createSecureServer(tls) : createServer()
  server.on('request', (request: IncomingMessage, response: ServerResponse) => void answer(request, response))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  atEnd(() => {
    server.closeAllConnections()
    server.close()
  })
  const host = tls ? 'localhost' : '127.0.0.1'
  forge.url = `${tls ? 'https' : 'http'}://${host}:${(server.address() as AddressInfo).port}${prefix}`
  return forge
}

function metadataOf(issuer: string, url: string) {
  return {
    issuer,
    token_endpoint: `${url}/oauth/token`,
    device_authorization_endpoint: `${url}/oauth/device_authorization`,
    revocation_endpoint: `${url}/oauth/revoke`,
  }
}

function whoAmI(text: string, instances: { name: string; url: string }[]) {
  return {
    user: { id: 'u1', username: 'alice', name: 'Alice' },
    token: { id: 't1', name: `laptop ${text.slice(15, 18)}`, role: 'member', readOnly: false, expiresAt: null },
    instances: instances.map((instance) => ({
      id: instance.name,
      ...instance,
      team: { id: 'team', name: 'Line' },
      production: false,
      allowed: true,
      role: 'member',
      readOnly: false,
      mcpOnly: false,
      reason: null,
    })),
    note: null,
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}
