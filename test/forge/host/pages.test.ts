import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startForge, type TestForge } from '../../support/forge.ts'

const HTML = { accept: 'text/html,application/xhtml+xml' }
let folder: string
let forge: TestForge

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forge-pages-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><html><head><title>Forge</title></head></html>')
  await writeFile(join(folder, 'assets', 'index-4f3a.js'), 'export {}')
  await writeFile(join(folder, 'assets', 'index-4f3a.js.br'), 'compressed')
  await writeFile(join(folder, 'favicon.svg'), '<svg/>')
  forge = await startForge({ mountPath: '/pat', pagesFolder: folder })
})
afterAll(async () => {
  await forge.close()
  await rm(folder, { recursive: true })
})

const get = (url: string, headers: Record<string, string> = {}) => forge.app.inject({ url, headers })

describe('the pages', () => {
  it.each(['/pat', '/pat/', '/pat/settings/tokens', '/pat/teams/x?tab=members'])(
    'answers the page at %s, told where it is mounted and never from an old copy',
    async (url) => {
      const page = await get(url, HTML)

      expect(page.statusCode).toBe(200)
      expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
      expect(page.headers['cache-control']).toBe('no-cache')
      expect(page.body).toContain('<head><base href="/pat/"><title>')
    },
  )

  it('lets files with a hash in their name be kept for ever, and no other', async () => {
    const script = await get('/pat/assets/index-4f3a.js')
    const icon = await get('/pat/favicon.svg')

    expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(script.headers['content-type']).toContain('application/javascript')
    expect(icon.headers['cache-control']).toBe('no-cache')
  })

  it('sends what the build has compressed to whoever takes it, and the file itself to everybody else', async () => {
    const small = await get('/pat/assets/index-4f3a.js', { 'accept-encoding': 'gzip, br' })
    const whole = await get('/pat/assets/index-4f3a.js')

    expect([small.body, small.headers['content-encoding'], small.headers.vary]).toEqual([
      'compressed',
      'br',
      'accept-encoding',
    ])
    expect([whole.body, whole.headers['content-encoding']]).toEqual(['export {}', undefined])
    for (const { headers } of [small, whole]) {
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
      expect(headers['content-type']).toContain('javascript')
    }
  })

  it('allows nothing inline, no frame and no foreign source', async () => {
    const { 'content-security-policy': csp } = (await get('/pat/', HTML)).headers

    expect(csp).toBe(
      "default-src 'self';base-uri 'self';form-action 'self';frame-ancestors 'none';img-src 'self' data:;object-src 'none'",
    )
  })

  it.each([
    '/pat/api/v1/nothing',
    '/pat/oauth/nothing',
    '/pat/account/nothing',
    '/pat/health/x',
    '/elsewhere',
    '/patient',
  ])('answers no page at %s', async (url) => {
    const answer = await get(url, HTML)

    expect(answer.statusCode).toBe(404)
    expect(answer.json()).toMatchObject({ code: 'not_found' })
  })

  it('answers no page to what is no navigation', async () => {
    const script = await get('/pat/assets/gone-1234.js', { accept: '*/*' })
    const post = await forge.app.inject({ method: 'POST', url: '/pat/settings', headers: HTML })

    expect(script.statusCode).toBe(404)
    expect(post.statusCode).toBe(404)
  })

  it('leaves the folder to nobody', async () => {
    expect((await get('/pat/..%2f..%2fetc/passwd')).statusCode).toBe(404)
    expect((await get('/pat/assets/../../package.json')).statusCode).toBe(404)
  })
})
