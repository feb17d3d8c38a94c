import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { createClientDocuments, isDocumentAddress } from '../../../forge/oauth/client-documents.ts'
import { isPublic } from '../../../forge/oauth/fetch-document.ts'
import { createCertificate } from '../../command/support/certificate.ts'

interface Answer {
  status?: number
  headers?: Record<string, string>
  body: string
}

let server: Server
let ca: string
let origin: string
let answer: (address: string) => Answer
let asked: string[] = []

beforeAll(async () => {
  const { key, cert, remove } = createCertificate()
  remove()
  ca = cert
  server = createServer({ key, cert }, (request, response) => {
    asked.push(request.url ?? '')
    const { status = 200, headers = {}, body } = answer(`${origin}${request.url}`)
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  origin = `https://localhost:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise((resolve) => void server.close(resolve)))
beforeEach(() => {
  asked = []
  answer = (address) => ({ body: JSON.stringify({ client_id: address, client_name: 'Robot' }) })
})

const documents = (allowPrivateAddresses = true) => createClientDocuments({ ca, allowPrivateAddresses })
const refusal = (address: string, from = documents()) => from.read(address).catch((error: unknown) => error)

describe('client metadata documents', () => {
  it('say what a client is called, and are read once for many who ask', async () => {
    const all = documents()
    const address = `${origin}/client.json`

    const names = await Promise.all(Array.from({ length: 20 }, () => all.read(address)))

    expect(new Set(names.map(({ name }) => name))).toEqual(new Set(['Robot']))
    expect(await all.read(address)).toEqual({ name: 'Robot' })
    expect(asked).toEqual(['/client.json'])
  })

  it.each<[string, (address: string) => Answer]>([
    ['it is of another client', () => ({ body: '{"client_id":"https://other.example/c","client_name":"Robot"}' })],
    ['it has no name', (address) => ({ body: JSON.stringify({ client_id: address }) })],
    ['it is no JSON', () => ({ body: '<html>' })],
    ['it is called something else', () => ({ headers: { 'content-type': 'text/html' }, body: '{}' })],
    ['it is elsewhere', (address) => ({ status: 302, headers: { location: `${address}2` }, body: '' })],
    ['it is not there', () => ({ status: 404, body: '{}' })],
    [
      'it is too large',
      (address) => ({ body: JSON.stringify({ client_id: address, client_name: 'R', x: 'x'.repeat(6000) }) }),
    ],
    [
      'it counts on a secret',
      (address) => ({
        body: JSON.stringify({
          client_id: address,
          client_name: 'R',
          token_endpoint_auth_method: 'client_secret_basic',
        }),
      }),
    ],
    [
      'its name turns letters around',
      (address) => ({ body: JSON.stringify({ client_id: address, client_name: 'a\u202eb' }) }),
    ],
  ])('are refused as invalid_client when %s, and that is remembered', async (_what, give) => {
    answer = give
    const all = documents()

    expect(await refusal(`${origin}/client.json`, all)).toMatchObject({ code: 'invalid_client' })
    expect(await refusal(`${origin}/client.json`, all)).toMatchObject({ code: 'invalid_client' })
    expect(asked).toEqual(['/client.json'])
  })

  it('are refused as unauthorized_client when they name grants, and not this one', async () => {
    answer = (address) => ({
      body: JSON.stringify({ client_id: address, client_name: 'R', grant_types: ['authorization_code'] }),
    })

    expect(await refusal(`${origin}/client.json`)).toMatchObject({ code: 'unauthorized_client' })
  })

  it.each(['https://localhost', 'https://127.0.0.1', 'https://[::1]'])(
    'are not looked for at %s unless that is allowed',
    async (host) => {
      const { port } = server.address() as AddressInfo

      expect(await refusal(`${host}:${port}/client.json`, documents(false))).toMatchObject({ code: 'invalid_client' })
      expect(asked).toEqual([])
    },
  )
})

it('takes for an address what is https with a path, and written in one way', () => {
  const good = ['https://a.example/c', 'https://a.example/c?x=1', 'https://a.example:8443/c.json']
  const bad = ['http://a.example/c', 'https://a.example', 'https://a.example/', 'https://u:p@a.example/c', 'forge-pat']
  const ambiguous = [
    'https://a.example/c#x',
    'https://A.example/c',
    'https://a.example/../c',
    'https://a.example:443/c',
  ]

  expect(good.filter(isDocumentAddress)).toEqual(good)
  expect([...bad, ...ambiguous].filter(isDocumentAddress)).toEqual([])
})

it('knows which addresses are of the public Internet', () => {
  const open = ['1.1.1.1', '93.184.216.34', '172.32.0.1', '2606:4700::1111']
  const own = [
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
  ]
  const own6 = [
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    'x',
  ]

  expect(open.filter(isPublic)).toEqual(open)
  expect([...own, ...own6].filter(isPublic)).toEqual([])
})
