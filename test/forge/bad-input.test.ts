import type { FastifyInstance } from 'fastify'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { createApplication, createInstance, createTeam, openBrowser, signIn } from '../support/builders.ts'
import { startForge, type TestForge } from '../support/forge.ts'
import { providerInput } from './host/sso/samples.ts'

/** Every operation of the OpenAPI document meets junk of every kind; none may answer 5xx or anything but its own words. */
let forge: TestForge
let session: { cookie: string }
let credential: string
let scimToken: string

beforeAll(async () => {
  forge = await startForge()
  session = await signIn(forge, forge.admin)
  const team = await createTeam(forge, { owner: forge.admin })
  credential = (await createInstance(forge, { application: await createApplication(forge, { team }) })).credential
  const browser = await openBrowser(forge, forge.admin)
  const { id } = (await browser('POST', '/api/v1/sso/providers', providerInput())).json<{ id: string }>()
  scimToken = (await browser('POST', `/api/v1/sso/providers/${id}/scim/token`)).json<{ token: string }>().token
})
afterAll(() => forge.close())

interface Operation {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
}

async function operations(app: FastifyInstance): Promise<Operation[]> {
  const document = (await app.inject('/api/documentation/json')).json<{ paths: Record<string, object> }>()
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase() as Operation['method'], path })),
  )
}

const junkText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom(
    '',
    '\u0000',
    '\u202e',
    'x'.repeat(10_000),
    "' OR 1=1 --",
    '../../etc/passwd',
    '${jndi:x}',
    '-1',
    'NaN',
  ),
  fc.constantFrom('99999-01-01T00:00:00Z', '2000-01-01T00:00:00Z', '__proto__', 'constructor', '💥', '\ud800'),
)
const junkValue = fc.oneof(
  junkText,
  fc.constantFrom(null, true, 0, -1, 1e308, [], {}, [[]], [null], { id: {} }),
  fc.jsonValue({ maxDepth: 3 }),
)
const FIELDS = [
  'userName',
  'displayName',
  'members',
  'emails',
  'Operations',
  'name',
  'username',
  'email',
  'password',
  'role',
  'slug',
  'teamId',
  'applicationId',
  'user',
  'url',
  'grants',
]
const MORE_FIELDS = [
  'readOnly',
  'expiresAt',
  'code',
  'admin',
  'suspended',
  'token',
  'newPassword',
  'currentPassword',
  'reason',
]
const junkBody = fc.oneof(
  junkValue,
  fc.dictionary(fc.constantFrom(...FIELDS, ...MORE_FIELDS), junkValue, { maxKeys: 8 }),
)

const CONTENT_TYPES = [
  'application/json',
  'application/x-www-form-urlencoded',
  'text/plain',
  'multipart/form-data',
  '*',
]

it('lists every operation of the forge', async () => {
  const paths = (await operations(forge.app)).map(({ method, path }) => `${method} ${path}`)
  expect(paths).toContain('POST /api/v1/tokens')
  expect(paths).toContain('POST /oauth/introspect')
  expect(paths.length).toBeGreaterThan(30)
})

describe('every operation', () => {
  it('refuses junk with a 4xx in its own words, and never breaks', async () => {
    // Signing out would end the session, and a stream of events has no end.
    const leftOut = ['/account/logout', '/api/v1/instance/events']
    const all = (await operations(forge.app)).filter(({ path }) => !leftOut.includes(path))

    const request = fc.record({
      operation: fc.constantFrom(...all),
      id: junkText,
      query: fc.dictionary(fc.constantFrom('cursor', 'limit', 'query', 'teamId', 'filter', 'x'), junkText, {
        maxKeys: 3,
      }),
      body: junkBody,
      type: fc.constantFrom(...CONTENT_TYPES),
      credential: fc.constantFrom('session', 'instance', 'provider', 'none', 'junk'),
    })

    await fc.assert(
      fc.asyncProperty(request, async ({ operation, id, query, body, type, credential: kind }) => {
        const path = operation.path.replace(/\{\w+\}/g, () => encodeURIComponent(id.replace(/\p{Surrogate}/gu, '?')))
        const search = new URLSearchParams(query).toString()
        const hasBody = operation.method !== 'GET'
        const answer = await forge.app.inject({
          method: operation.method,
          url: search ? `${path}?${search}` : path,
          headers: { ...credentials(kind), ...(hasBody ? { 'content-type': type } : {}) },
          ...(hasBody ? { payload: JSON.stringify(body) } : {}),
        })

        expect(answer.statusCode).toBeLessThan(500)
        if (answer.statusCode < 400) return
        expect(Object.keys(answer.json<object>()).sort()).toEqual(wordsOf(operation, answer.statusCode))
        expect(answer.body).not.toMatch(/sequelize|sqlite|SELECT |constraint|at .*\.ts:\d+|node_modules/i)
      }),
      { numRuns: 1500, seed: 20261123 },
    )
  })

  function wordsOf({ path }: Operation, status: number): string[] {
    if (path.startsWith('/oauth/')) return ['error', 'error_description']
    if (!path.startsWith('/scim/')) return ['code', 'error']
    return status === 400 ? ['detail', 'schemas', 'scimType', 'status'] : ['detail', 'schemas', 'status']
  }

  function credentials(kind: 'session' | 'instance' | 'provider' | 'none' | 'junk'): Record<string, string> {
    switch (kind) {
      case 'session':
        return session
      case 'instance':
        return { authorization: `Bearer ${credential}` }
      case 'provider':
        return { authorization: `Bearer ${scimToken}` }
      case 'junk':
        return { authorization: 'Basic %%%', cookie: 'sid=%E0%A4%A.x; sid=; =' }
      case 'none':
        return {}
    }
  }
})
