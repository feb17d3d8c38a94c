import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { TracingSettings } from '../../../../forge/host/tracing/settings.ts'
import { startTracing, type Tracing } from '../../../../forge/host/tracing/tracing.ts'
import {
  createApplication,
  createInstance,
  createTeam,
  mintToken,
  openBrowser,
  type TestInstance,
} from '../../../support/builders.ts'
import { startForge, type TestForge } from '../../../support/forge.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const CALLER = 'b7ad6b7169203331'

interface Attribute {
  key: string
  value: { stringValue?: string; intValue?: number }
}
interface OtlpSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  attributes: Attribute[]
}
interface Received {
  path: string | undefined
  headers: IncomingHttpHeaders
  body: Buffer
}

let collector: Server
let received: Received[]
let forge: TestForge
let tracing: Tracing
let packer: TestInstance
let minted: { id: string; token: string }
let errors: unknown[]

beforeEach(async () => {
  received = []
  errors = []
  collector = createServer((request, response) => {
    void buffer(request).then((body) => {
      received.push({ path: request.url, headers: request.headers, body })
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => void collector.listen(0, '127.0.0.1', resolve))
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${(collector.address() as AddressInfo).port}`)
  vi.stubEnv('OTEL_SERVICE_NAME', 'forge-of-the-test')
})
afterEach(async () => {
  await forge.close()
  vi.unstubAllEnvs()
  collector.closeAllConnections()
  await new Promise((resolve) => void collector.close(resolve))
})

async function start(protocol: TracingSettings['protocol']): Promise<void> {
  tracing = (await startTracing({ exporter: 'otlp', protocol }, (error) => errors.push(error))) as Tracing
  forge = await startForge({ tracing })
  const team = await createTeam(forge, { owner: forge.admin })
  packer = await createInstance(forge, { application: await createApplication(forge, { team }) })
  minted = await mintToken(forge, { user: forge.admin, instance: packer })
}
const introspect = (token: string, headers: Record<string, string> = {}) =>
  forge.app.inject({
    method: 'POST',
    url: '/oauth/introspect?from=query-of-the-test',
    headers: {
      authorization: `Bearer ${packer.credential}`,
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    },
    payload: new URLSearchParams({ token }).toString(),
  })
/** What the collector got, after everything was sent. */
async function spans(): Promise<OtlpSpan[]> {
  await tracing.close()
  type Body = { resourceSpans: { scopeSpans: { spans: OtlpSpan[] }[] }[] }
  return received.flatMap(({ body }) =>
    (JSON.parse(body.toString()) as Body).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((s) => s.spans)),
  )
}
const attribute = (span: OtlpSpan | undefined, name: string) => {
  const value = span?.attributes.find(({ key }) => key === name)?.value
  return value?.stringValue ?? value?.intValue
}

describe('a traced forge', () => {
  it('sends spans of an introspection that are joined to the trace of its caller', async () => {
    await start('http/json')
    await introspect(minted.token, { traceparent: `00-${TRACE}-${CALLER}-01`, tracestate: `x=${minted.token}` })

    const all = (await spans()).filter(({ traceId }) => traceId === TRACE)
    const request = all.find(({ name }) => name === 'POST /oauth/introspect')
    expect(request).toMatchObject({ parentSpanId: CALLER })
    expect(attribute(request, 'http.route')).toBe('/oauth/introspect')
    expect(attribute(request, 'http.response.status_code')).toBe(200)

    const introspection = all.find(({ name }) => name === 'introspection')
    expect(introspection?.parentSpanId).toBe(request?.spanId)
    expect(attribute(introspection, 'forge.outcome')).toBe('active')
    const below = all.filter(({ parentSpanId }) => parentSpanId === introspection?.spanId).map(({ name }) => name)
    expect(below).toContain('argon2')
    expect(below.filter((name) => /^SELECT|^WITH|facts/i.test(name))).not.toEqual([])
    expect(received[0]?.path).toBe('/v1/traces')
    expect(received.map(({ body }) => body.toString()).join()).toContain('forge-of-the-test')
    expect(errors).toEqual([])
  })

  it('sends nothing of a token, a credential, a person, a query or a value', async () => {
    await start('http/json')
    await introspect(minted.token, { 'x-request-id': minted.token, 'user-agent': 'agent-of-the-test' })
    await introspect(`${minted.token}x`)
    const browser = await openBrowser(forge, forge.admin)
    await browser('GET', `/api/v1/tokens/${minted.id}`)
    await browser('DELETE', `/api/v1/tokens/${minted.id}`)
    await browser('GET', `/api/v1/no-such-path/${minted.token}`)

    const names = (await spans()).map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['DELETE /api/v1/tokens/:id', 'GET none']))
    const text = received.map(({ body }) => body.toString()).join()
    const secret = minted.token.slice(minted.token.lastIndexOf('_') + 1)
    const parts = [secret, minted.token.split('_')[1] ?? '', minted.id, packer.credential, packer.id, forge.admin.id]
    for (const part of [...parts, 'query-of-the-test', 'agent-of-the-test', '127.0.0.1"', forge.admin.email]) {
      expect(text).not.toContain(part)
    }
  })

  it('begins a trace of its own for who sends none, or one that cannot be read', async () => {
    await start('http/json')
    await introspect(minted.token, { traceparent: `00-${minted.id}-nonsense` })

    const [request] = (await spans()).filter(({ name }) => name === 'POST /oauth/introspect')
    expect(request?.parentSpanId ?? '').toBe('')
    expect(request?.traceId).toMatch(/^[0-9a-f]{32}$/)
  })

  it('leaves out what its caller has decided not to sample', async () => {
    await start('http/json')
    await introspect(minted.token, { traceparent: `00-${TRACE}-${CALLER}-00` })
    expect((await spans()).filter(({ traceId }) => traceId === TRACE)).toEqual([])
  })

  it('speaks protobuf to who does not ask for JSON', async () => {
    await start('http/protobuf')
    await introspect(minted.token)
    await tracing.close()

    expect(received[0]?.headers['content-type']).toBe('application/x-protobuf')
    expect(Buffer.concat(received.map(({ body }) => body)).toString('latin1')).toContain('POST /oauth/introspect')
  })

  it('answers as ever when the collector is away, and says so', async () => {
    await start('http/json')
    collector.closeAllConnections()
    await new Promise((resolve) => void collector.close(resolve))

    expect((await introspect(minted.token)).json()).toMatchObject({ active: true })
    await tracing.close()
    expect(received).toEqual([])
    collector.listen(0, '127.0.0.1')
  })
})
