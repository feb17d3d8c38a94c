import { afterEach, describe, expect, it } from 'vitest'

import type { CreatedToken, TokenPage } from '../../forge/contract/token.ts'
import { createSqliteFile } from '../support/database.ts'
import { killForgeProcesses, startForgeProcess } from '../support/forge-process.ts'
import { freePort } from '../support/forge.ts'
import { createPostgresDatabase, hasPostgres } from '../support/postgres.ts'

const PASSWORD = 'correct horse battery staple'
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const JSON_TYPE = { 'content-type': 'application/json' }

afterEach(killForgeProcesses)

const start = (databaseUrl: string, port: number) =>
  startForgeProcess({
    databaseUrl,
    port,
    env: { FORGE_ADMIN_USERNAME: 'admin', FORGE_ADMIN_PASSWORD: PASSWORD, FORGE_ADMIN_EMAIL: 'admin@example.com' },
  })

async function call<T>(url: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<T> {
  const response = await fetch(url, init)
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}

async function signIn(forge: string): Promise<Record<string, string>> {
  const payload = JSON.stringify({ username: 'admin', password: PASSWORD })
  const response = await fetch(`${forge}/account/login`, { method: 'POST', headers: JSON_TYPE, body: payload })
  return { cookie: response.headers.getSetCookie()[0]?.split(';')[0] ?? '' }
}

interface Place {
  instanceId: string
  credential: string
}

async function prepare(forge: string, session: Record<string, string>): Promise<Place> {
  const post = <T>(path: string, body: object) =>
    call<T>(`${forge}/api/v1${path}`, {
      method: 'POST',
      headers: { ...session, ...JSON_TYPE },
      body: JSON.stringify(body),
    })

  const team = await post<{ id: string }>('/teams', { name: 'Line 4' })
  const application = await post<{ id: string }>('/applications', { teamId: team.id, name: 'Packaging' })
  const url = 'https://packer.example.com'
  const instance = await post<{ id: string }>('/instances', { applicationId: application.id, name: 'packer', url })
  const { credential } = await post<{ credential: string }>(`/instances/${instance.id}/credentials`, {})
  return { instanceId: instance.id, credential }
}

const kinds = [['sqlite', createSqliteFile] as const, ['postgres', createPostgresDatabase] as const]

describe.each(kinds)('a forge on %s that is killed in the middle of minting', (dialect, create) => {
  it.runIf(dialect === 'sqlite' || hasPostgres)('has kept every token that it answered, and is usable', async () => {
    const { url: databaseUrl, drop } = await create()
    const port = await freePort()
    const forge = `http://127.0.0.1:${port}`
    const running = await start(databaseUrl, port)
    const session = await signIn(forge)
    const { instanceId, credential } = await prepare(forge, session)

    const answered: CreatedToken[] = []
    const mint = async () => {
      const wish = {
        name: 'under load',
        role: 'viewer',
        readOnly: true,
        grants: [{ type: 'instance', id: instanceId }],
        expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
      }
      const init = { method: 'POST', headers: { ...session, ...JSON_TYPE }, body: JSON.stringify(wish) }
      answered.push(await call<CreatedToken>(`${forge}/api/v1/tokens`, init))
      if (answered.length === 40) await running.kill()
    }
    const minting = Array.from({ length: 8 }, async () => {
      while (running.child.signalCode === null) await mint().catch(() => undefined) // the connection dies with the process
    })
    await Promise.all(minting)
    expect(answered.length).toBeGreaterThanOrEqual(40)

    await start(databaseUrl, port)
    for (const { id, token } of answered) {
      const answer = await call<{ active: boolean; jti: string }>(`${forge}/oauth/introspect`, {
        method: 'POST',
        headers: { ...FORM, authorization: `Bearer ${credential}` },
        body: new URLSearchParams({ token }).toString(),
      })
      expect(answer).toMatchObject({ active: true, jti: id })
    }

    const list = await call<TokenPage>(`${forge}/api/v1/tokens?limit=200`, { headers: await signIn(forge) })
    const ids = new Set(list.tokens.map(({ id }) => id))
    expect(answered.every(({ id }) => ids.has(id))).toBe(true)
    // What was written and not answered is whole: a token without its grants would be of no use to anybody.
    expect(list.tokens.every(({ grants }) => grants.length === 1)).toBe(true)
    await drop()
  })
})
