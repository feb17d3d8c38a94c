import type { FastifyRequest } from 'fastify'
import { describe, expect, it } from 'vitest'

import { refuseCrossSite } from '../../../forge/access/same-site.ts'

const check = refuseCrossSite('https://forge.example/pat')
const ask = (method: string, headers: Record<string, string>) => check({ method, headers } as unknown as FastifyRequest)

describe('refuseCrossSite', () => {
  it.each([
    ['the same origin', { 'sec-fetch-site': 'same-origin', origin: 'https://forge.example' }],
    ['the same origin in an old browser', { origin: 'https://forge.example' }],
    ['no browser', {}],
  ])('lets a write from %s pass', async (_, headers) => {
    await expect(ask('POST', headers)).resolves.toBeUndefined()
  })

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling subdomain', { 'sec-fetch-site': 'same-site', origin: 'https://evil.forge.example' }],
    ['another origin in an old browser', { origin: 'https://evil.example' }],
    ['the same host over plain http', { origin: 'http://forge.example' }],
    ['another port', { origin: 'https://forge.example:8443' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['an origin that only begins alike', { origin: 'https://forge.example.evil.example' }],
  ])('refuses a write from %s', async (_, headers) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      await expect(ask(method, headers)).rejects.toMatchObject({ code: 'cross_site' })
    }
  })

  it('lets reading pass from anywhere: the answer is not readable there', async () => {
    await expect(ask('GET', { 'sec-fetch-site': 'cross-site' })).resolves.toBeUndefined()
  })
})
