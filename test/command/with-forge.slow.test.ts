import { fileURLToPath } from 'node:url'

import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'

import { openTokenStore } from '../../command/store/token-store.ts'
import type { ApproveDevice } from '../../forge/contract/device.ts'
import { startGuardedServer, type GuardedServer } from '../conformance/guarded-server.ts'
import { revokedToken } from '../conformance/scene.ts'
import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  createUser,
  openBrowser,
} from '../support/builders.ts'
import { startForge } from '../support/forge.ts'
import { startProxy } from './support/proxy.ts'
import { createAccount, type Account } from './support/run-command.ts'

const BIN = fileURLToPath(new URL('../../bin/forge-pat.mjs', import.meta.url))

let guarded: GuardedServer
beforeAll(async () => {
  guarded = await startGuardedServer()
})
afterAll(() => guarded.close())

/** As after a sign-in. */
async function keep(account: Account, text: string): Promise<void> {
  const { forge, instance, user } = guarded.scene
  const record = {
    forge: forge.url,
    name: 'laptop',
    username: user.username,
    expiresAt: null,
    storedAt: '2026-01-01T00:00:00.000Z',
    wishes: { scope: 'mcp:read', resources: [] },
    instances: [{ name: instance.name, url: guarded.url }],
  }
  await openTokenStore(account.env).add(record, text)
}

async function withBridge<T>(account: Account, url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ name: 'test', version: '1' })
  const args = [BIN, 'bridge', url]
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args, env: account.env, stderr: 'ignore' }),
  )
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

/** A forge behind a path, with a person, an instance, and the person's word about a code. */
async function startForgeBehindPath() {
  const forge = await startForge({ listen: true, mountPath: '/deep/pat' })
  onTestFinished(() => forge.close())
  const user = await createUser(forge, { username: 'alice' })
  const team = await createTeam(forge)
  await addMember(forge, { team, user, role: 'member' })
  const application = await createApplication(forge, { team })
  const instance = await createInstance(forge, { application })
  const browser = await openBrowser(forge, user)

  const approve = async (userCode: string, name: string) => {
    const body: ApproveDevice = {
      userCode,
      name,
      role: 'member',
      readOnly: false,
      grants: [{ type: 'instance', id: instance.id }],
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    }
    expect((await browser('POST', '/api/v1/device/approve', { ...body })).statusCode).toBe(204)
  }
  return { forge, instance, approve }
}

/** Runs a command that prints a code, and does with that what a person does. */
async function withCode(account: Account, words: string[], decide: (userCode: string) => Promise<unknown>) {
  const { child, ended } = account.start([...words, '--json'])
  let said = ''
  child.stdout?.on('data', (chunk: string) => (said += chunk))
  await vi.waitFor(() => expect(said).toContain('userCode'), { timeout: 30_000, interval: 20 })
  await decide((JSON.parse(said) as { userCode: string }).userCode)
  const { code, out, err } = await ended
  return { code, err, last: JSON.parse(out.trim().split('\n').at(-1) ?? '') }
}

describe('with a real forge and a guarded MCP server', () => {
  it('says who the token is', async () => {
    const account = await createAccount()
    await keep(account, (await guarded.scene.mint({ name: 'laptop' })).token)

    const { out } = await account.run('whoami')
    expect(out).toContain(`Alice (alice) at ${guarded.scene.forge.url}`)
    expect(out).toContain(`${guarded.url}  member`)
  })

  it('bridges a client that starts programs to the server, with the token', async () => {
    const account = await createAccount()
    const { token } = await guarded.scene.mint()
    await keep(account, token)

    const names = await withBridge(account, `${guarded.url}/mcp`, async (client) => {
      expect(await client.callTool({ name: 'test_simple_text' })).toMatchObject({ content: [{ type: 'text' }] })
      return (await client.listTools()).tools.map(({ name }) => name)
    })
    expect(names).toContain('test_simple_text')
  })

  it('hands a refusal to the client, and keeps the token out of it', async () => {
    const account = await createAccount()
    const text = await revokedToken(guarded.scene)
    await keep(account, text)

    const failure = await withBridge(account, `${guarded.url}/mcp`, async () => null).catch((error: unknown) =>
      String(error),
    )
    expect(failure).toContain('forge-pat doctor')
    expect(failure).not.toContain(text)
  })

  it('bridges to no server that the token does not reach', async () => {
    const account = await createAccount()
    await keep(account, (await guarded.scene.mint()).token)

    const { code, err } = await account.run(['bridge', 'http://localhost:1/mcp'])
    expect([code, err]).toEqual([
      1,
      'forge-pat: No token that is kept here reaches http://localhost:1/mcp, so it gets none.\n',
    ])
  })

  it('finds out with doctor that all is well, and then that it is not', async () => {
    const account = await createAccount()
    const { id, token } = await guarded.scene.mint()
    await keep(account, token)
    await account.run(['connect', 'claude-code', '--instance', guarded.scene.instance.name, '--yes'])
    const well = await account.run('doctor')
    expect(well).toMatchObject({ code: 0, out: expect.stringContaining('takes the token') })

    await guarded.scene.forge.db.getQueryInterface().bulkUpdate('pat_tokens', { revoked_at: new Date() }, { id })
    const ill = await account.run('doctor')
    expect(ill.out).toMatch(/wrong {2}The forge refuses the token "laptop"/)
    expect(ill.code).toBe(1)
  })
})

it('signs in, is somebody, and ends the token, at a real forge behind a path and a proxy', async () => {
  const { forge, instance, approve } = await startForgeBehindPath()
  const [account, proxy] = [await createAccount(), await startProxy()]
  account.env['HTTP_PROXY'] = proxy.url

  const signedIn = await withCode(account, ['login', '--forge', forge.url], (code) => approve(code, 'laptop'))
  expect(signedIn).toMatchObject({
    code: 0,
    err: '',
    last: { event: 'stored', username: 'alice', token: { name: 'laptop' } },
  })
  expect((await account.run('whoami')).out).toContain(`${instance.url}  member`)

  const text = (await account.run('header --raw')).out.trim()
  const whoami = () =>
    forge.app.inject({ url: `${forge.url}/api/v1/whoami`, headers: { authorization: `Bearer ${text}` } })
  expect((await whoami()).statusCode).toBe(200)
  expect((await account.run(['tokens', 'revoke', 'laptop', '--yes'])).code).toBe(0)
  expect((await whoami()).statusCode).toBe(401)
  expect(account.files()).toEqual([])
  expect(new Set(proxy.targets)).toEqual(new Set([new URL(forge.url).host]))
})
