import { afterEach, expect, it } from 'vitest'

import { createApplication, createInstance, createTeam, mintToken, signIn } from '../../support/builders.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

let forge: TestForge
let lines: string[]
afterEach(() => forge.close())

async function start(trustProxy: boolean | string[]): Promise<void> {
  lines = []
  forge = await startForge({ trustProxy, logLevel: 'debug', logStream: { write: (line) => lines.push(line) } })
}
const ask = async (id: string, url = '/health/live') =>
  (await forge.app.inject({ url, headers: { 'x-request-id': id } })).headers['x-request-id']
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/

it('takes the id of a trusted proxy, and gives it to the caller and the log', async () => {
  await start(['loopback'])

  expect(await ask('5f0c8f1e2d3a4b5c')).toBe('5f0c8f1e2d3a4b5c')
  expect(lines.join()).toContain('"reqId":"5f0c8f1e2d3a4b5c"')
})

it.each([false, ['10.0.0.0/8']])('takes no id from a caller that is no trusted proxy (%j)', async (trustProxy) => {
  await start(trustProxy)

  expect(await ask('5f0c8f1e2d3a4b5c')).toMatch(UUID)
  expect(lines.join()).not.toContain('5f0c8f1e2d3a4b5c')
})

it('takes nothing that is no plain id, whoever says it', async () => {
  await start(true)
  const odd = ['short', 'x'.repeat(65), 'with space in it', 'ffpat_000000000000', 'fft_secretsecret', '{"a":"bcdefg"}']
  for (const id of odd) expect(await ask(id)).toMatch(UUID)
})

it('is another one for each request, and stands on refusals and unreadable ones too', async () => {
  await start(false)
  const ids = [await ask(''), await ask(''), await ask('', '/api/v1/nothing'), await ask('', '/api/v1/%zz')]

  for (const id of ids) expect(id).toMatch(UUID)
  expect(new Set(ids).size).toBe(4)
})

it('is what the audit says of who did something', async () => {
  await start(true)
  const team = await createTeam(forge, { owner: forge.admin })
  const instance = await createInstance(forge, { application: await createApplication(forge, { team }) })
  const { id } = await mintToken(forge, { user: forge.admin, instance })
  await forge.app.inject({
    method: 'DELETE',
    url: `/api/v1/tokens/${id}`,
    headers: { ...(await signIn(forge, forge.admin)), 'x-request-id': 'from-the-proxy-1' },
  })

  const [rows] = await forge.db.query('SELECT request_id AS id FROM pat_audit_entries')
  expect(rows).toContainEqual({ id: 'from-the-proxy-1' })
})
