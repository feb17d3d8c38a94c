import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import {
  createApplication,
  createInstance,
  createTeam,
  mintToken,
  openBrowser,
  type TestInstance,
} from '../../support/builders.ts'
import { createTestDatabase } from '../../support/database.ts'
import { openEvents } from '../../support/events.ts'
import { eventually } from '../../support/eventually.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

const TOKEN = 'metrics-token-of-the-test'

let forge: TestForge
let packer: TestInstance
let token: string
let tokenId: string
let teamId: string
beforeAll(async () => {
  const limits = { introspection: { max: 7, windowSeconds: 3_600 } }
  forge = await startForge({ listen: true, metricsToken: TOKEN, settings: { limits } })
  const team = await createTeam(forge, { owner: forge.admin })
  packer = await createInstance(forge, { application: await createApplication(forge, { team }) })
  ;({ token, id: tokenId } = await mintToken(forge, { user: forge.admin, instance: packer }))
  teamId = team.id
})
afterAll(() => forge.close())

const scrape = async (authorization = `Bearer ${TOKEN}`) =>
  forge.app.inject({ url: '/metrics', headers: authorization === '' ? {} : { authorization } })
const introspect = async (presented: string) =>
  forge.app.inject({
    method: 'POST',
    url: '/oauth/introspect',
    headers: { authorization: `Bearer ${packer.credential}`, 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ token: presented }).toString(),
  })
/** The value of a sample as the text has it. */
const valueIn = (text: string, sample: string) =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${sample} `))
      ?.slice(sample.length + 1),
  )
const valueOf = async (sample: string) => valueIn((await scrape()).body, sample)

describe('who may read the metrics', () => {
  it('is who has the token', async () => {
    const { statusCode, headers, body } = await scrape()

    expect(statusCode).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'cache-control': 'no-store',
    })
    expect(body).toContain('# TYPE forge_pat_introspections_total counter')
    expect(body).toContain('process_resident_memory_bytes')
  })

  it.each([
    ['nothing', ''],
    ['another token', 'Bearer metrics-token-of-the-tesT'],
    ['a longer one', `Bearer ${TOKEN}x`],
    ['another scheme', `Basic ${TOKEN}`],
    ['the token alone', TOKEN],
  ])('is not who says %s, and they learn nothing', async (_what, authorization) => {
    const { statusCode, headers, body } = await scrape(authorization)

    expect([statusCode, JSON.parse(body).code]).toEqual([401, 'unauthorized'])
    expect(headers['www-authenticate']).toBe('Bearer realm="metrics"')
    expect(body).not.toContain('forge_')
  })

  it('is not an instance, nor somebody with an access token', async () => {
    for (const bearer of [packer.credential, token]) expect((await scrape(`Bearer ${bearer}`)).statusCode).toBe(401)
  })

  it('is nobody where no token was set', async () => {
    const other = await startForge()
    const answers = [undefined, 'Bearer null', 'Bearer ', `Bearer ${TOKEN}`].map((authorization) =>
      other.app.inject({ url: '/metrics', headers: authorization === undefined ? {} : { authorization } }),
    )
    expect((await Promise.all(answers)).map(({ statusCode }) => statusCode)).toEqual([404, 404, 404, 404])
    await other.close()
  })

  it('is told at the mount path', async () => {
    const other = await startForge({ mountPath: '/pat', metricsToken: TOKEN })
    const headers = { authorization: `Bearer ${TOKEN}` }
    expect((await other.app.inject({ url: '/pat/metrics', headers })).statusCode).toBe(200)
    expect((await other.app.inject({ url: '/metrics', headers })).statusCode).toBe(404)
    await other.close()
  })
})

describe('the metrics', () => {
  it('count introspections, proofs, facts and limits', async () => {
    const active = await introspect(token)
    await introspect(token)
    await introspect('junk')
    expect(active.json()).toMatchObject({ active: true })

    const { body } = await scrape()
    const introspections = (labels: string) => valueIn(body, `forge_pat_introspections_total{${labels}}`)
    expect(introspections('result="active",reason="none"')).toBe(2)
    expect(introspections('result="refused",reason="unknown"')).toBe(1)
    expect(introspections('result="error",reason="fault"')).toBe(0)
    expect(valueIn(body, 'forge_pat_proofs_total{result="miss"}')).toBeLessThanOrEqual(1)
    expect(valueIn(body, 'forge_pat_facts_total{kind="token",result="hit"}')).toBeGreaterThanOrEqual(1)
    expect(valueIn(body, 'forge_pat_argon2_jobs{state="running"}')).toBe(0)

    await forge.db.query('UPDATE pat_tokens SET revoked_at = created_at')
    await eventually(async () => expect((await introspect(token)).json()).toEqual({ active: false }))
    expect(await valueOf('forge_pat_introspections_total{result="refused",reason="revoked"}')).toBe(1)

    await eventually(async () => expect((await introspect('junk')).statusCode).toBe(429))
    expect(await valueOf('forge_pat_limited_total{limit="introspection"}')).toBeGreaterThanOrEqual(1)
  })

  it('say who listens, whether changes are heard, and how long it took to pass them on', async () => {
    expect(await valueOf('forge_pat_push_streams')).toBe(0)
    const reader = await openEvents(forge.url, packer.credential)
    await reader.next()

    expect(await valueOf('forge_pat_push_streams')).toBe(1)
    expect(await valueOf('forge_pat_listening')).toBe(1)
    const before = await valueOf('forge_pat_push_lag_seconds_count')
    await forge.store.Instance.update({ name: 'renamed' }, { where: { id: packer.id } })
    await reader.next()
    await eventually(async () => expect(await valueOf('forge_pat_push_lag_seconds_count')).toBeGreaterThan(before))
    reader.close()
    await eventually(async () => expect(await valueOf('forge_pat_push_streams')).toBe(0))
  })

  it('time requests by the template of their route, without ids', async () => {
    await forge.app.inject(`/api/v1/tokens/${tokenId}`)
    await forge.app.inject(`/api/v1/no-such/${tokenId}?secret=${token}`)

    const { body } = await scrape()
    const count = (labels: string) => valueIn(body, `forge_http_request_duration_seconds_count{${labels}}`)
    expect(count('method="GET",route="/api/v1/tokens/:id",status="4xx"')).toBe(1)
    expect(count('method="POST",route="/oauth/introspect",status="2xx"')).toBeGreaterThanOrEqual(3)
    expect(body).not.toContain('route="/api/v1/instance/events"')
  })

  it('hold nothing of a person, a token, an instance or a team', async () => {
    const { body } = await scrape()
    const parts = [token, tokenId, packer.id, packer.credential, teamId, forge.admin.id, 'admin', '127.0.0.1']
    expect(parts.filter((part) => body.includes(part))).toEqual([])
  })
})

it('are told without the numbers of a database that is gone', async () => {
  const { db, cleanup } = await createTestDatabase()
  const other = await startForge({ db, metricsToken: TOKEN, settings: { auditSinks: { stdout: process.stderr } } })
  const read = async () =>
    (await other.app.inject({ url: '/metrics', headers: { authorization: `Bearer ${TOKEN}` } })).body

  expect(valueIn(await read(), 'forge_pat_audit_backlog_entries{for="stdout"}')).toBe(0)
  expect(valueIn(await read(), 'forge_pat_audit_backlog_entries{for="seal"}')).toBeGreaterThanOrEqual(0)
  await cleanup()
  const without = await read()
  expect(without).toContain('forge_pat_push_streams 0')
  expect(without).not.toContain('forge_pat_audit_backlog_entries{')
  await other.close()
})

it('time how long instances take to confirm a revocation', async () => {
  const { id } = await mintToken(forge, { user: forge.admin, instance: packer })
  const reader = await openEvents(forge.url, packer.credential, undefined, { prefer: 'confirm' })
  const hello = await reader.next()
  const before = await valueOf('forge_pat_revocation_seconds_count')
  await (
    await openBrowser(forge, forge.admin)
  )('DELETE', `/api/v1/tokens/${id}`)

  const confirm = (tokenIds: string[]) =>
    forge.app.inject({
      method: 'POST',
      url: '/api/v1/instance/events/confirmations',
      headers: { authorization: `Bearer ${packer.credential}` },
      payload: { listenerId: hello.event === 'hello' ? hello.data.listenerId : '', tokenIds },
    })
  await confirm([id, 'no-such-token'])
  expect(await valueOf('forge_pat_revocation_seconds_count')).toBe(before + 1)
  reader.close()
})
