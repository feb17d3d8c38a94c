import express from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'

import { httpNodeMiddleware } from '../../instance/middleware.ts'
import { metadataUrl, resourceMetadataHandler } from '../../instance/resource-metadata.ts'
import { listen } from './support/listen.ts'

const OPTIONS = { forgeUrl: 'https://forge.example/pat', instanceToken: 'fft_x', resourceUrl: 'https://line3.example' }
const WELL_KNOWN = '/.well-known/oauth-protected-resource'

async function serve(options: { resourceUrl?: string; resourceName?: string } = {}) {
  const app = express().use(httpNodeMiddleware({ ...OPTIONS, ...options }))
  const server = await listen(app)
  onTestFinished(server.close)
  return server.url
}

describe('RFC 9728', () => {
  it('describes the instance without asking for a credential', async () => {
    const response = await fetch((await serve({ resourceName: 'Press' })) + WELL_KNOWN)

    expect(response.status).toBe(200)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('cache-control')).toBe('public, max-age=3600')
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toEqual({
      resource: 'https://line3.example',
      authorization_servers: ['https://forge.example/pat'],
      scopes_supported: ['mcp:read', 'mcp:write'],
      bearer_methods_supported: ['header'],
      resource_name: 'Press',
    })
  })

  it('describes the resource whose path was inserted (section 3.1), identical to its URL (section 3.3)', async () => {
    const response = await fetch(`${await serve()}${WELL_KNOWN}/mcp`)

    expect(await response.json()).toMatchObject({
      resource: 'https://line3.example/mcp',
      resource_name: 'line3.example',
    })
  })

  it.each([
    [`${WELL_KNOWN}/nodes/mcp`, 'https://line3.example/nodes/mcp'],
    [`/nodes${WELL_KNOWN}/mcp`, 'https://line3.example/nodes/mcp'],
    [`/nodes${WELL_KNOWN}`, 'https://line3.example/nodes'],
    [WELL_KNOWN, 'https://line3.example/nodes'],
  ])('knows a base path: %s describes %s', async (path, resource) => {
    const url = await serve({ resourceUrl: 'https://line3.example/nodes/' })

    expect(await (await fetch(url + path)).json()).toMatchObject({ resource })
  })

  it('is read only: a preflight is answered, another method is not allowed', async () => {
    const url = (await serve()) + WELL_KNOWN

    expect((await fetch(url, { method: 'OPTIONS' })).status).toBe(204)
    const posted = await fetch(url, { method: 'POST' })
    expect(posted.status).toBe(405)
    expect(posted.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
  })

  it('does not answer for a path that only begins alike', async () => {
    expect((await fetch(`${await serve()}${WELL_KNOWN}s`)).status).toBe(401)
  })

  it('can be served by itself, and hands everything else on', async () => {
    const app = express().use(resourceMetadataHandler(OPTIONS), (_request, response) => void response.end('next'))
    const { url, close } = await listen(app)
    onTestFinished(close)

    expect((await fetch(url + WELL_KNOWN)).status).toBe(200)
    expect(await (await fetch(url)).text()).toBe('next')
  })
})

describe('metadataUrl', () => {
  it.each([
    ['https://line3.example', '/mcp', `https://line3.example${WELL_KNOWN}/mcp`],
    ['https://line3.example/', '/', `https://line3.example${WELL_KNOWN}`],
    ['https://line3.example/nodes', '/nodes/mcp', `https://line3.example/nodes${WELL_KNOWN}/mcp`],
    ['https://line3.example/nodes', '/mcp', `https://line3.example/nodes${WELL_KNOWN}/mcp`],
    ['https://line3.example', '/a"b', `https://line3.example${WELL_KNOWN}/a%22b`],
  ])('below %s, about %s, is %s', (resourceUrl, path, url) => {
    expect(metadataUrl(new URL(resourceUrl), path)).toBe(url)
  })
})
