import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

import { expect, it, onTestFinished } from 'vitest'

import { nowhere } from '../support/proxy.ts'
import { createAccount, type Account } from '../support/run-command.ts'
import { startSmallForge } from '../support/small-forge.ts'

/** An instance that answers every request as it is told. */
async function startInstance(status: number, headers: Record<string, string> = {}): Promise<string> {
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(status, headers).end('{}')
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function examine(account: Account, env: Record<string, string> = {}) {
  const { code, out, err } = await account.run('doctor --json', env)
  expect(err).toBe('')
  const { findings } = JSON.parse(out) as { findings: { state: string; says: string; todo?: string }[] }
  const said = (state: string) => findings.filter((finding) => finding.state === state).map(({ says }) => says)
  return { code, out, wrong: said('wrong'), hints: said('hint'), ok: said('ok') }
}

async function signedIn(instances: { name: string; url: string }[]) {
  const account = await createAccount()
  const forge = await startSmallForge({ instances })
  await account.run(['login', '--forge', forge.url])
  return { account, forge }
}

it('finds nothing wrong where everything works, and exits 0', async () => {
  const { account, forge } = await signedIn([{ name: 'Line 4', url: await startInstance(200) }])
  await account.run(['connect', 'claude-code', '--instance', 'Line 4', '--yes'])

  const { code, ok, wrong, hints } = await examine(account)
  expect({ code, wrong, hints }).toEqual({ code: 0, wrong: [], hints: [] })
  expect(ok).toEqual([
    'The token "laptop 000" holds a whole token.',
    `The forge answers at ${forge.url}.`,
    'The clock here agrees with that of the forge.',
    'The token "laptop 000" is live.',
    expect.stringContaining('server "line-4" points to Line 4'),
    expect.stringContaining('takes the token'),
  ])
})

it('says what an instance says about the token', async () => {
  const challenge = 'Bearer error="invalid_token", error_description="The token is for another instance."'
  const { account } = await signedIn([
    { name: 'Line 4', url: await startInstance(401, { 'www-authenticate': challenge }) },
  ])
  await account.run(['connect', 'cursor', '--instance', 'Line 4', '--yes'])

  const { code, wrong, hints } = await examine(account)
  expect(wrong).toEqual([expect.stringMatching(/refuses the token: The token is for another instance\.$/)])
  expect(hints).toEqual([expect.stringContaining('FORGE_TOKEN is not set here')])
  expect(code).toBe(1)
})

it('finds what people leave in files and variables', async () => {
  const instance = await startInstance(200)
  const { account, forge } = await signedIn([{ name: 'Line 4', url: instance }])
  const url = `${instance}/mcp`
  const inline = { url, headers: { Authorization: `Bearer ${forge.issued[0]}` } }
  const servers = {
    inline,
    placeholder: { url, headers: { Authorization: 'Bearer YOUR_TOKEN' } },
    elsewhere: { url: 'https://line-9.example.com/mcp', headers: { Authorization: 'Bearer ${env:FORGE_TOKEN}' } },
    foreign: { url: 'https://foreign.example.com', headers: { Authorization: 'Bearer theirs' } },
  }
  mkdirSync(join(account.project, '.cursor'))
  writeFileSync(join(account.project, '.cursor/mcp.json'), JSON.stringify({ mcpServers: servers }))
  writeFileSync(join(account.project, '.mcp.json'), '{ "mcpServers": ')
  const [stored] = account.files().filter(({ path }) => path.includes('/tokens/'))
  chmodSync(stored?.path ?? '', 0o644)

  const { code, wrong, out } = await examine(account, { FORGE_TOKEN: (forge.issued[0] ?? '').slice(0, 50) })
  expect(wrong).toEqual([
    'FORGE_TOKEN holds a token that is cut short.',
    `Others on this machine may read ${stored?.path}.`,
    expect.stringMatching(/\.mcp\.json is not valid JSON/),
    expect.stringMatching(/server "inline": the token itself is in the file/),
    expect.stringMatching(/server "placeholder": the header still holds a placeholder/),
    expect.stringMatching(/server "elsewhere": the token does not reach https:\/\/line-9/),
  ])
  expect(code).toBe(1)
  expect(out).not.toContain('ffpat_')
})

it('finds a clock that is off, a token that is refused, and a forge that is away', async () => {
  const { account, forge } = await signedIn([])
  forge.skewSeconds = -600
  forge.revoked.add(forge.issued[0] ?? '')
  expect((await examine(account)).wrong).toEqual([
    expect.stringMatching(/^The clock here is (599|600|601) seconds ahead of that of the forge\.$/),
    'The forge refuses the token "laptop 000": The access token is expired or revoked.',
  ])

  const proxy = await nowhere()
  const away = await examine(account, { HTTP_PROXY: proxy })
  expect(away.ok).toContain(`The proxy ${new URL(proxy).host} stands before ${forge.url}, unless NO_PROXY names it.`)
  expect(away.wrong).toEqual([expect.stringMatching(/^The forge can't be asked\./)])
  expect(away.code).toBe(1)
})

it('has advice for whoever has not signed in yet', async () => {
  const { code, out } = await (await createAccount()).run('doctor')
  expect(out).toContain('Run forge-pat login')
  expect(code).toBe(1)
})
