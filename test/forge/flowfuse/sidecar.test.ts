import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'

import type { Introspection } from '../../../forge/contract/introspection.ts'
import type { CreatedToken } from '../../../forge/contract/token.ts'
import { startSidecar, type TestSidecar } from '../../support/sidecar.ts'

let sidecar: TestSidecar
let alice: { number: number; id: string; cookie: string }
let team: number
/** FlowFuse's id of the instance, and ours. */
let uuid: string
let instance: string

beforeEach(async () => {
  sidecar = await startSidecar()
  const { database, flowfuse } = sidecar
  alice = await sidecar.createPerson('alice')
  team = await database.createTeam('line-4')
  uuid = await database.createInstance(await database.createApplication(team, 'Packaging'), 'packer')
  instance = sidecar.ids.instance.encode(uuid, team)
  await database.insertMember(team, alice.number, 30)
  flowfuse.tokens.set('fft_packer', uuid)
})
afterEach(() => sidecar.close())

const as = (
  { cookie }: { cookie: string },
  path: string,
  method: 'GET' | 'POST' | 'DELETE' = 'GET',
  payload?: object,
) => sidecar.app.inject({ method, url: `/pat${path}`, headers: { cookie }, ...(payload ? { payload } : {}) })

async function mint(): Promise<CreatedToken> {
  const answer = await as(alice, '/api/v1/tokens', 'POST', {
    name: 'a token',
    role: 'member',
    readOnly: false,
    grants: [{ type: 'instance', id: instance }],
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  })
  expect(answer.statusCode).toBe(201)
  return answer.json<CreatedToken>()
}

async function introspect(token: string, secret = 'fft_packer') {
  const authorization = `Basic ${Buffer.from(`${uuid}:${secret}`).toString('base64')}`
  const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' }
  return sidecar.app.inject({ method: 'POST', url: '/pat/oauth/introspect', headers, payload: `token=${token}` })
}
async function ask(token: string) {
  const answer = await introspect(token)
  return answer.statusCode === 401 ? { active: false } : answer.json<Introspection>()
}

describe('a token that a person of FlowFuse minted', () => {
  it('names them, with the ids that FlowFuse itself shows, and may be remembered for one second', async () => {
    const { token } = await mint()

    expect(await ask(token)).toMatchObject({
      active: true,
      iss: 'https://flowfuse.example.com/pat',
      sub: alice.id,
      username: 'alice',
      roles: ['member'],
      aud: 'https://packer.example.com',
      forge: {
        team: { id: sidecar.ids.team.encode(team), slug: 'line-4' },
        instance: { id: instance, name: 'packer' },
        cacheSeconds: 1,
      },
    })
  })

  it('ends or shrinks with the very next question after any change in FlowFuse', async () => {
    const { token } = await mint()
    const { database } = sidecar
    const change = async (sql: string) => {
      await database.run(sql)
      return ask(token)
    }

    expect(await change('UPDATE "TeamMembers" SET "role" = 10')).toMatchObject({ active: true, roles: ['viewer'] })
    expect(await change('UPDATE "TeamMembers" SET "role" = 77')).toEqual({ active: false })
    expect(await change('UPDATE "TeamMembers" SET "role" = 50')).toMatchObject({ active: true, roles: ['member'] })
    expect(await change('UPDATE "Users" SET "suspended" = 1')).toEqual({ active: false })
    expect(await change('UPDATE "Users" SET "suspended" = 0')).toMatchObject({ active: true })
    expect(await change('UPDATE "Teams" SET "suspended" = 1')).toEqual({ active: false })
    expect(await change('UPDATE "Teams" SET "suspended" = 0')).toMatchObject({ active: true })
    // In the middle of a move, and after it.
    const other = await database.createTeam('line-5')
    await database.insertMember(other, alice.number, 50)
    expect(await change(`UPDATE "Applications" SET "TeamId" = ${other}`)).toEqual({ active: false })
    expect(await change(`UPDATE "Projects" SET "TeamId" = ${other}`)).toEqual({ active: false })
    await database.run(`UPDATE "Applications" SET "TeamId" = ${team}`)
    expect(await change(`UPDATE "Projects" SET "TeamId" = ${team}`)).toMatchObject({ active: true })
    expect(await change('DELETE FROM "TeamMembers"')).toEqual({ active: false })
    await database.insertMember(team, alice.number, 30)
    expect(await ask(token)).toMatchObject({ active: true })
    await database.run('DELETE FROM "Projects"')
    expect((await introspect(token)).statusCode).toBe(401)
  })

  it('is refused at once when it was revoked on our page', async () => {
    const { token, id } = await mint()
    await ask(token)

    expect((await as(alice, `/api/v1/tokens/${id}`, 'DELETE')).statusCode).toBe(204)
    expect(await ask(token)).toEqual({ active: false })
  })

  it('is asked about by an instance that FlowFuse knows, or not at all', async () => {
    const { token } = await mint()

    expect((await introspect(token, 'fft_other')).statusCode).toBe(401)
    sidecar.flowfuse.instead = { status: 502, body: '' }
    expect((await introspect(token)).statusCode).toBe(503)
  })
})

describe('a browser', () => {
  it('mints nothing when the person signed in at FlowFuse too long ago', async () => {
    await sidecar.database.run(`UPDATE "AuditLogs" SET "createdAt" = '2026-01-01T00:00:00.000Z'`)
    const body = { name: 'x', role: 'viewer', grants: [{ type: 'instance', id: instance }], readOnly: true }
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()

    const answer = await as(alice, '/api/v1/tokens', 'POST', { ...body, expiresAt })
    expect([answer.statusCode, answer.json()]).toMatchObject([403, { code: 'reauthentication_required' }])
  })

  it('that is not signed in at FlowFuse is told to sign in, and a FlowFuse that is down is a 503', async () => {
    expect((await as({ cookie: '' }, '/api/v1/tokens')).statusCode).toBe(401)
    expect((await as({ cookie: 'sid=nobody.x' }, '/api/v1/user')).statusCode).toBe(401)

    sidecar.flowfuse.instead = { status: 500, body: '' }
    const answer = await as({ cookie: 'sid=somebody.x' }, '/api/v1/user')
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '5'])
    expect((await as(alice, '/api/v1/tokens', 'POST', {})).statusCode).toBe(503)
  })

  it('never changes anything from another site', async () => {
    const headers = { cookie: alice.cookie, origin: 'https://evil.example.com', 'sec-fetch-site': 'cross-site' }
    const answer = await sidecar.app.inject({ method: 'POST', url: '/pat/api/v1/tokens', headers, payload: {} })

    expect([answer.statusCode, answer.json()]).toMatchObject([403, { code: 'cross_site' }])
    expect(sidecar.flowfuse.asked).toEqual([])
  })

  it('sees its teams as FlowFuse has them, and cannot change them here', async () => {
    const bob = await sidecar.createPerson('bob')
    const id = sidecar.ids.team.encode(team)

    const own = { id: alice.id, username: 'alice', name: 'Alice', admin: false, suspended: false, provider: null }
    expect((await as(alice, '/api/v1/user')).json()).toMatchObject(own)
    const shown = { id, name: 'line-4', slug: 'line-4', role: 'member', memberCount: 1, instanceCount: 1 }
    expect((await as(alice, '/api/v1/teams')).json()).toMatchObject({ teams: [shown], count: 1, meta: {} })
    expect((await as(alice, `/api/v1/teams/${id}`)).json()).toMatchObject(shown)
    const member = { user: { id: alice.id, username: 'alice' }, role: 'member', managedBy: null, overrides: [] }
    expect((await as(alice, `/api/v1/teams/${id}/members`)).json()).toMatchObject({ members: [member], count: 1 })
    expect((await as(alice, `/api/v1/applications?teamId=${id}`)).json()).toMatchObject({
      applications: [{ name: 'Packaging', teamId: id, createdAt: expect.stringMatching(/^20/) }],
    })
    expect((await as(alice, `/api/v1/instances?teamId=${id}&query=PACK`)).json()).toMatchObject({
      instances: [{ id: instance, name: 'packer', applicationName: 'Packaging', credential: null }],
    })
    expect((await as(alice, `/api/v1/instances?teamId=${id}&query=none`)).json()).toMatchObject({ instances: [] })

    for (const path of [
      `/teams/${id}`,
      `/teams/${id}/members`,
      `/applications?teamId=${id}`,
      `/instances?teamId=${id}`,
    ]) {
      expect((await as(bob, `/api/v1${path}`)).statusCode).toBe(404)
      expect((await as({ cookie: '' }, `/api/v1${path}`)).statusCode).toBe(401)
    }
    expect((await as(alice, '/api/v1/teams', 'POST', { name: 'x' })).statusCode).toBe(404)
    expect((await as(alice, '/account/login', 'POST', { username: 'a', password: 'b' })).statusCode).toBe(404)
  })

  it('pages through a long list without leaving anything out', async () => {
    for (const slug of ['a', 'b', 'c'])
      await sidecar.database.insertMember(await sidecar.database.createTeam(slug), alice.number, 10)
    const page = async (query: string) => (await as(alice, `/api/v1/teams?limit=3${query}`)).json()

    const first = await page('')
    expect(first).toMatchObject({ teams: [{ name: 'a' }, { name: 'b' }, { name: 'c' }], count: 4 })
    const second = await page(`&cursor=${first.meta.next_cursor}`)
    expect(second).toMatchObject({ teams: [{ name: 'line-4' }], count: 4, meta: {} })
    expect((await as(alice, '/api/v1/teams?cursor=x')).statusCode).toBe(400)
  })
})

it('is ready while FlowFuse, its database and our own answer', async () => {
  const ready = async () => (await sidecar.app.inject('/pat/health/ready')).statusCode
  expect(await ready()).toBe(200)

  sidecar.flowfuse.instead = { status: 502, body: '' }
  expect(await ready()).toBe(503)
  expect((await sidecar.app.inject('/pat/health/live')).statusCode).toBe(200)
})

it('tells the pages that they stand beside a FlowFuse', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'forge-pages-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'index.html'), '<!doctype html><html><head><title>Forge</title></head></html>')
  const other = await startSidecar({ pagesFolder: folder })
  onTestFinished(() => other.close())

  const { body } = await other.app.inject({ url: '/pat/settings/tokens', headers: { accept: 'text/html' } })
  expect(body).toContain('<head><base href="/pat/"><meta name="forge-host" content="flowfuse"><title>')
})
