import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { parseToken } from '../../../forge/contract/token-format.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

interface OpenApi {
  openapi: string
  servers: { url: string }[]
  tags: { name: string }[]
  components: { schemas: Record<string, Schema>; securitySchemes: Record<string, object> }
  paths: Record<string, Record<string, Operation>>
}

interface Operation {
  tags?: string[]
  summary?: string
  security?: object[]
  requestBody?: Content
  responses: Record<string, { description: string } & Content>
}

interface Content {
  content?: Record<string, { schema: Schema }>
}

interface Schema {
  $ref?: string
  type?: string
  const?: unknown
  examples?: unknown[]
  anyOf?: Schema[]
  properties?: Record<string, Schema>
  items?: Schema
}

let forge: TestForge
let document: OpenApi
beforeAll(async () => {
  forge = await startForge({ mountPath: '/pat' })
  document = (await forge.app.inject('/pat/api/documentation/json')).json<OpenApi>()
})
afterAll(() => forge.close())

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
  )

/** Where in a schema a text is not shown by an example. Numbers and flags speak for themselves. */
function withoutExample({ $ref, type, const: only, examples, anyOf = [], properties = {}, items }: Schema): string[] {
  if (only !== undefined || examples) return []
  if ($ref !== undefined) return withoutExample(document.components.schemas[$ref.split('/').at(-1) ?? ''] ?? {})
  if (type === 'string') return ['']

  const named = Object.entries(properties).flatMap(([name, part]) =>
    withoutExample(part).map((rest) => `${name} ${rest}`.trim()),
  )
  return [...named, ...anyOf.flatMap(withoutExample), ...(items ? withoutExample(items) : [])]
}

describe('the OpenAPI document', () => {
  it('is OpenAPI 3 for the address at which the forge is used', () => {
    expect(document.openapi).toBe('3.1.0')
    expect(document.servers).toEqual([{ url: 'http://forge.test/pat' }])
    expect(Object.keys(document.paths)).toContain('/api/v1/tokens')
  })

  it('gives every operation a tag, a summary, its credentials and the meaning of each answer', () => {
    for (const { name, operation } of operations()) {
      expect(operation, name).toMatchObject({ summary: expect.any(String), security: expect.any(Array) })
      expect(operation.tags, name).toHaveLength(1)
      for (const { description } of Object.values(operation.responses)) {
        expect(description, name).not.toBe('Default Response')
      }
    }
  })

  it('says what every tag of an operation is about', () => {
    const explained = document.tags.map(({ name }) => name)
    const used = operations().flatMap(({ operation }) => operation.tags ?? [])

    expect(explained).toEqual(expect.arrayContaining([...new Set(used)]))
  })

  it('shows an example of every text that a body or a refusal holds', () => {
    for (const { name, operation } of operations()) {
      const refusals = Object.entries(operation.responses).filter(([status]) => status >= '400')
      const contents = [operation.requestBody, ...refusals.map(([, refusal]) => refusal)]
      const schemas = contents.flatMap((each) => Object.values(each?.content ?? {})).map(({ schema }) => schema)
      expect(schemas.flatMap(withoutExample), name).toEqual([])
    }
  })

  it('names the credentials', () => {
    expect(Object.keys(document.components.securitySchemes)).toEqual([
      'session',
      'accessToken',
      'instanceBearer',
      'instanceBasic',
      'metricsToken',
      'scimToken',
    ])
  })

  it('has each named schema once, and every reference leads to one', () => {
    const text = JSON.stringify(document)
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name)

    expect(references).toContain('ApiError')
    expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining([...new Set(references)]))
    expect(text).not.toContain('"$id"')
  })

  it('shows no token that could be a real one', () => {
    const examples = JSON.stringify(document).match(/ffpat_\w+/g) ?? []

    expect(examples.length).toBeGreaterThan(0)
    expect(examples.map(parseToken)).toEqual(examples.map(() => null))
  })
})

describe('the page at /api/documentation', () => {
  it('works under the strict headers of all pages', async () => {
    const page = await forge.app.inject('/pat/api/documentation/')

    expect(page.statusCode).toBe(200)
    expect(page.headers['content-type']).toContain('text/html')
    expect(page.headers['content-security-policy']).not.toContain('unsafe')
    expect(page.body).not.toMatch(/<script>|<style>|style=|onload=/)
  })
})
