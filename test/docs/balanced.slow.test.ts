import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { createLoad } from '../forge/faults/load.ts'
import { introspectAt, mintAt, revokeAt, seed, signInAt, type Scene } from '../forge/faults/scene.ts'
import { openEvents } from '../support/events.ts'
import { eventually } from '../support/eventually.ts'
import { killForgeProcesses, startForgeProcess, type ForgeProcess } from '../support/forge-process.ts'
import { freePort } from '../support/forge.ts'
import { createPostgresDatabase, hasPostgres } from '../support/postgres.ts'

const FOLDER = 'docs/admin/deploy'
const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`], { env: PATHS }).status === 0
const PATHS = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` }

interface Ports {
  outside: number
  forges: [number, number]
}

/** The documented file with the ports of this test, on plain http. */
async function startNginx(folder: string, { outside, forges }: Ports): Promise<ChildProcess> {
  const site = readFileSync(join(FOLDER, 'nginx.conf'), 'utf8')
    .replace('127.0.0.1:3001', `127.0.0.1:${forges[0]}`)
    .replace('127.0.0.1:3002', `127.0.0.1:${forges[1]}`)
    .replace('listen 443 ssl', `listen 127.0.0.1:${outside}`)
    .replace(/^ *ssl_.*\n/gm, '')
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  )
  const http = `access_log off; ${places.join(' ')}\n${site}`
  const config = `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log; events {}\nhttp { ${http} }`
  await writeFile(join(folder, 'nginx.conf'), config)
  return spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], {
    env: PATHS,
    stdio: 'inherit',
  })
}

async function startCaddy(folder: string, { outside, forges }: Ports): Promise<ChildProcess> {
  const site = readFileSync(join(FOLDER, 'Caddyfile'), 'utf8')
  await writeFile(join(folder, 'Caddyfile'), `{\n\tadmin off\n}\n${site}`)
  const env = {
    ...PATHS,
    HOME: folder,
    FORGE_HOST: `http://127.0.0.1:${outside}`,
    FORGES: forges.map((port) => `127.0.0.1:${port}`).join(' '),
  }
  return spawn('caddy', ['run', '--config', join(folder, 'Caddyfile')], { env, stdio: 'ignore' })
}

const proxies = [
  { name: 'nginx', start: startNginx },
  { name: 'caddy', start: startCaddy },
].filter(({ name }) => has(name))

it('nginx is here where it has to be', () => {
  if (process.env['CI']) expect(proxies.map(({ name }) => name)).toContain('nginx')
})

describe.runIf(hasPostgres).each(proxies)('two forges behind $name, as documented', ({ start }) => {
  let database: { url: string; drop(): Promise<void> }
  let folder: string
  let ports: Ports
  let url: string
  let forges: ForgeProcess[]
  let proxy: ChildProcess
  let scene: Scene
  const startForgeAt = (port: number) =>
    startForgeProcess({
      databaseUrl: database.url,
      port,
      env: { BASE_URL: url, TRUST_PROXY: 'loopback', LOG_LEVEL: 'debug', DRAIN_SECONDS: '2' },
    })

  beforeAll(async () => {
    database = await createPostgresDatabase()
    folder = await mkdtemp(join(tmpdir(), 'forge-proxy-'))
    ports = { outside: await freePort(), forges: [await freePort(), await freePort()] }
    url = `http://127.0.0.1:${ports.outside}`
    forges = await Promise.all(ports.forges.map(startForgeAt))
    scene = await seed(database.url, 2)
    proxy = await start(folder, ports)
    await eventually(async () => expect((await fetch(`${url}/health/ready`)).status).toBe(200))
  })
  afterAll(async () => {
    const gone = once(proxy, 'exit')
    proxy.kill('SIGTERM')
    await gone
    await killForgeProcesses()
    await database.drop()
    await rm(folder, { recursive: true, force: true })
  })

  const answered = ({ output }: ForgeProcess, path: string) => output().includes(`"url":"${path}"`)

  it('one signs in, either mints: no session sticks to a forge', async () => {
    const cookie = await signInAt(url, scene.usernames[0] ?? '')

    await eventually(async () => {
      expect((await mintAt(url, cookie, scene.instance))?.status).toBe(201)
      expect(forges.every((forge) => answered(forge, '/api/v1/tokens'))).toBe(true)
    })
  })

  it('a code that one gave out is looked at and redeemed at the other', async () => {
    const [first = '', second = ''] = forges.map((forge) => forge.url)
    const form = (at: string, path: string, fields: Record<string, string>) =>
      fetch(`${at}${path}`, { method: 'POST', body: new URLSearchParams(fields) })
    const cookie = await signInAt(url, scene.usernames[1] ?? '')
    const asked = await form(first, '/oauth/device_authorization', { client_id: 'forge-pat' })
    const { device_code, user_code } = (await asked.json()) as Record<'device_code' | 'user_code', string>

    const grants = [{ type: 'instance', id: scene.instance.id }]
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    const wish = { userCode: user_code, name: 'terminal', role: 'viewer', readOnly: true, grants, expiresAt }
    const headers = { cookie, 'content-type': 'application/json' }
    const approve = { method: 'POST', headers, body: JSON.stringify(wish) }
    expect((await fetch(`${second}/api/v1/device/approve`, approve)).status).toBe(204)

    const grant = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: 'forge-pat', device_code }
    const redeemed = await form(second, '/oauth/token', grant)
    expect(redeemed.status).toBe(200)
    const { access_token } = (await redeemed.json()) as { access_token: string }
    expect(await introspectAt(first, scene.instance, access_token)).toMatchObject({ body: { active: true } })
  })

  it('believes no address that a client claims, and knows the one that the proxy tells', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' }
    await fetch(`${url}/health/live`, { headers })

    await eventually(() => {
      const lines = forges.flatMap(({ output }) => output().match(/.*"url":"\/health\/live".*/g) ?? [])
      expect(lines.length).toBeGreaterThan(0)
      for (const line of lines) expect(line).toContain('"address":"127.0.0.1"')
    })
  })

  it('passes events on as they come, whichever forge made the change', async () => {
    const cookie = await signInAt(url, scene.usernames[0] ?? '')
    const minted = await mintAt(url, cookie, scene.instance)
    const events = await openEvents(url, scene.instance.credential)
    expect((await events.next()).event).toBe('hello')

    for (const forge of forges) {
      const token = await mintAt(forge.url, cookie, scene.instance)
      expect((await revokeAt(forge.url, cookie, token?.body.id ?? ''))?.status).toBe(204)
      for (;;) {
        const heard = await events.next()
        if (heard.event === 'forget' && heard.data.tokenId === token?.body.id) break
      }
    }
    expect(minted?.status).toBe(201)
    events.close()
  })

  it('shows nobody that the forges are replaced one after the other', async () => {
    const load = await createLoad({ forges: [url], ...scene })

    await load.run(6, async () => {
      for (const [index, forge] of forges.entries()) {
        forge.child.kill('SIGTERM')
        expect(await forge.ended).toBe(0)
        const again = await startForgeAt(ports.forges[index] ?? 0)
        await eventually(() => expect(answered(again, '/oauth/introspect')).toBe(true))
        forges[index] = again
      }
    })

    expect([load.refusedBy(url), load.unanswered()]).toEqual([0, 0])
    await load.expectTruth([url])
  })
})
