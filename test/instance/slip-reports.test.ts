import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'

import { httpNodeMiddleware } from '../../instance/middleware.ts'
import { listen } from './support/listen.ts'
import { json, madeUpToken, startLoopbackForge, type LoopbackForge } from './support/loopback-forge.ts'

const TOKEN = madeUpToken(7)
let forge: LoopbackForge
let url: string
let taken: number

beforeEach(async () => {
  forge = await startLoopbackForge(json(200, { active: false }))
  taken = 204
  forge.routes['POST /slips'] = (_call, response) => void response.writeHead(taken).end()
  const middleware = httpNodeMiddleware({
    forgeUrl: forge.url,
    instanceToken: 'fft_secret',
    resourceUrl: 'https://line3.example',
    log: () => undefined,
  })
  const server = await listen((request, response) => middleware(request, response, () => response.end('in')))
  url = server.url
  onTestFinished(async () => {
    await middleware.link.close()
    await server.close()
  })
})
afterEach(() => forge.close())

const reports = () => forge.calls.filter(({ what }) => what === 'POST /slips').map(({ body }) => body)
const present = async (text: string) => (await fetch(url, { headers: { authorization: `Bearer ${text}` } })).status

it('tells the forge of which kind a slip was and the public part of a token, and nothing else of it', async () => {
  for (const text of [TOKEN.slice(0, 40), '${FORGE_TOKEN}', `"${TOKEN}"`]) expect(await present(text)).toBe(401)
  await vi.waitFor(() => expect(reports()).toHaveLength(1), 5_000)

  expect(JSON.parse(reports()[0] ?? '')).toEqual({
    slips: [
      { slip: 'truncated', selector: '000000000007' },
      { slip: 'not_expanded' },
      { slip: 'quoted', selector: '000000000007' },
    ],
  })
  expect(reports()[0]).not.toContain('SSS')
})

it('says the same once, and no more than twenty things at once', async () => {
  for (let n = 0; n < 5; n++) await present('${FORGE_TOKEN}')
  for (let n = 0; n < 30; n++) await present(madeUpToken(n).slice(0, 40))
  await vi.waitFor(() => expect(reports().length).toBeGreaterThan(0), 5_000)
  for (const body of reports()) expect((JSON.parse(body) as { slips: object[] }).slips.length).toBeLessThanOrEqual(20)
})

it('reports nothing of requests without a credential, with a whole token, or with another kind of bearer', async () => {
  await fetch(url)
  await present(TOKEN)
  await present('eyJhbGciOi.eyJzdWIi.c2ln')
  await present('$FORGE_TOKEN')
  await vi.waitFor(() => expect(reports()).toEqual(['{"slips":[{"slip":"not_expanded"}]}']), 5_000)
})

it('refuses as ever when the forge does not know of slips, or is away', async () => {
  taken = 404
  expect(await present('${FORGE_TOKEN}')).toBe(401)
  await vi.waitFor(() => expect(reports()).toHaveLength(1), 5_000)
  expect(await present('${FORGE_TOKEN}')).toBe(401)
})
