import { readFileSync } from 'node:fs'

import { QueryTypes, type Sequelize } from 'sequelize'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  createUser,
  mintToken,
  signIn,
} from '../support/builders.ts'
import { startForge, type TestForge } from '../support/forge.ts'
import { ldapInput, ldapProvider } from './host/sso/ldap/scene.ts'

/** What the browser says of a request that a page of another site has made. */
const FOREIGN = [
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
  { origin: 'https://evil.example' },
  { origin: 'null' },
]

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

interface Schema {
  $ref?: string
  const?: unknown
  enum?: unknown[]
  examples?: unknown[]
  type?: string
  anyOf?: Schema[]
  oneOf?: Schema[]
  properties?: Record<string, Schema>
}

interface Operation {
  security?: object[]
  requestBody?: { content: Record<string, { schema: Schema }> }
}

interface OpenApi {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

// As it is committed; test/docs/openapi.test.ts compares it with the routes that there are.
const document = JSON.parse(readFileSync('docs/api/openapi.json', 'utf8')) as OpenApi
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    title: `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase() as Method,
    path,
    operation,
  })),
)
type Asked = (typeof operations)[number]
const changing = operations.filter(({ method }) => method !== 'GET')
const onlyBySession = operations.filter(({ operation: { security = [] } }) => {
  return security.length > 0 && security.every((way) => 'session' in way)
})
const isOfInstances = ({ operation: { security = [] } }: Asked) => security.some((way) => 'instanceBearer' in way)
const isOfProviders = ({ operation: { security = [] } }: Asked) => security.some((way) => 'scimToken' in way)
/** Programs say who they are in the form, and have no secret: the empty way stands first. */
const isOfPrograms = ({ path, operation: { security = [] } }: Asked) =>
  path.startsWith('/oauth/') && security.some((way) => Object.keys(way).length === 0)
const ofPrograms = changing.filter(isOfPrograms)
const ofInstances = changing.filter((operation) => isOfInstances(operation) && !isOfPrograms(operation))
const ofProviders = operations.filter(isOfProviders)
const ofPeople = changing.filter(
  (operation) => !isOfInstances(operation) && !isOfPrograms(operation) && !isOfProviders(operation),
)
let forge: TestForge
let cookie: { cookie: string }
let token: string
/** What stands for the names in paths and bodies: things that are there, and that the person may change. */
let ids: Record<string, string>

beforeAll(async () => {
  forge = await startForge()
  const bob = await createUser(forge)
  const team = await createTeam(forge, { owner: forge.admin })
  await addMember(forge, { team, user: bob, role: 'member' })
  const application = await createApplication(forge, { team })
  const instance = await createInstance(forge, { application })
  const minted = await mintToken(forge, { user: forge.admin, instance, role: 'owner', readOnly: false })
  token = minted.token
  cookie = await signIn(forge, forge.admin)
  const waiting = await forge.app.inject({
    method: 'POST',
    url: '/oauth/device_authorization',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'client_id=forge-pat',
  })
  ids = { tokens: minted.id, users: bob.id, teams: team.id, applications: application.id, instances: instance.id }
  ids['userCodes'] = waiting.json<{ user_code: string }>().user_code
  const directory = ldapProvider(ldapInput({ url: 'ldap://127.0.0.1:1' }), { domains: ['directory.example'] })
  const url = '/api/v1/sso/providers'
  const provider = await forge.app.inject({ method: 'POST', url, headers: cookie, payload: directory })
  ids['providers'] = provider.json<{ id: string }>().id
})
afterAll(() => forge.close())

/** `/api/v1/teams/{teamId}/members/{userId}`: the name says it, or the list before it. */
function fill(path: string): string {
  return path
    .replace(/\{(\w+)Id\}/g, (_, name: string) => ids[`${name}s`] ?? 'some-id')
    .replace(/(\w[\w-]*)\/\{id\}/g, (_, list: string) => `${list}/${ids[list] ?? 'some-id'}`)
}

/** A body that the schema allows, made of its examples. */
function sample(schema: Schema): unknown {
  const { $ref, const: only, enum: some, examples, type, anyOf, oneOf, properties } = schema
  if ($ref !== undefined) return sample(document.components.schemas[$ref.split('/').at(-1) ?? ''] ?? {})
  if (only !== undefined) return only
  if (some !== undefined) return some[0]
  if (examples?.[0] !== undefined) return examples[0]
  const [form] = anyOf ?? oneOf ?? []
  if (form) return sample(form)
  if (type === 'boolean') return true
  const named = Object.entries(properties ?? {})
  return Object.fromEntries(
    named.map(([name, property]) => [name, ids[`${name.replace(/Id$/, '')}s`] ?? sample(property)]),
  )
}

function send({ method, path, operation }: Asked, headers: Record<string, string>) {
  const schema = operation.requestBody?.content['application/json']?.schema
  const payload = schema && (sample(schema) as object)
  return forge.app.inject({ method, url: fill(path), headers, ...(payload ? { payload } : {}) })
}

/** What the housekeeper writes by itself, at any moment. */
const BACKGROUND = ['pat_leases', 'pat_task_runs', 'pat_audit_checkpoints']

/** Everything that the database holds; of an audit entry its id, since it is sealed some time after it was written. */
async function dump(db: Sequelize): Promise<Record<string, unknown>> {
  const tables = (await db.getQueryInterface().showAllTables()).filter((table) => !BACKGROUND.includes(table))
  const rows: Record<string, unknown> = {}
  for (const table of tables) {
    const columns = table === 'pat_audit_entries' ? 'id' : '*'
    rows[table] = await db.query(`SELECT ${columns} FROM "${table}"`, { type: QueryTypes.SELECT })
  }
  return rows
}

it('walks over all that can be changed', () => {
  expect(ofPeople.map(({ title }) => title)).toEqual(
    expect.arrayContaining(['POST /account/login', 'POST /api/v1/tokens', 'DELETE /api/v1/users/{id}']),
  )
  expect(ofPeople.length).toBeGreaterThan(25)
  expect(ofProviders.length).toBeGreaterThan(15)
})

describe('from another site, with the cookie of somebody who may do it,', () => {
  it.each(ofPeople)('$title is 403 cross_site and changes nothing', async (operation) => {
    const before = await dump(forge.db)

    for (const foreign of FOREIGN) {
      const answer = await send(operation, { ...cookie, ...foreign })
      const { code } = answer.json<{ code: string }>()
      expect([answer.statusCode, code], JSON.stringify(foreign)).toEqual([403, 'cross_site'])
      expect(answer.headers['set-cookie']).toBeUndefined()
    }
    expect(await dump(forge.db)).toEqual(before)
  })

  it.each([...ofInstances, ...ofProviders])('$title does not even look at the cookie', async (operation) => {
    expect((await send(operation, cookie)).statusCode).toBe(401)
  })

  it.each(ofPrograms)('$title answers as it does without the cookie', async (operation) => {
    const [own, nobodys] = [await send(operation, cookie), await send(operation, {})]
    expect(own.statusCode).toBeGreaterThanOrEqual(400)
    expect([own.statusCode, own.body]).toEqual([nobodys.statusCode, nobodys.body])
    expect(own.headers['set-cookie']).toBeUndefined()
  })
})

describe('with a token in the place of a session', () => {
  const asBearer = () => ({ authorization: `Bearer ${token}` })
  const asCookie = () => ({ cookie: `sid=${token}` })

  it.each(onlyBySession)('$title is refused and changes nothing', async (operation) => {
    const before = await dump(forge.db)

    const bearer = await send(operation, asBearer())
    expect([401, 403]).toContain(bearer.statusCode)
    expect((await send(operation, asCookie())).statusCode).toBe(401)
    expect(bearer.headers['set-cookie']).toBeUndefined()
    expect(await dump(forge.db)).toEqual(before)
  })

  it.each(ofProviders)('$title is 401', async (operation) => {
    expect((await send(operation, asBearer())).statusCode).toBe(401)
  })
})

// The last in this file: it changes everything.
it('refuses none of them for this reason on the pages of the forge', async () => {
  const own = { origin: forge.url, 'sec-fetch-site': 'same-origin' }
  const statuses: number[] = []

  // What deletes comes last, so that the others find what they change.
  const last = ({ method, path }: Asked) => Number(method === 'DELETE' || path.includes('logout'))
  for (const operation of [...ofPeople].sort((a, b) => last(a) - last(b))) {
    const answer = await send(operation, { ...cookie, ...own })
    expect(answer.body, operation.title).not.toContain('cross_site')
    statuses.push(answer.statusCode)
  }
  // Most went through: what was refused above was the site, and not a request that nobody could have made.
  expect(statuses.filter((status) => status < 300).length).toBeGreaterThan(ofPeople.length / 2)
})
