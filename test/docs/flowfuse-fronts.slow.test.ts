import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/forge.ts'

const page = readFileSync('docs/admin/flowfuse.md', 'utf8')
const PATHS = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` }
const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`], { env: PATHS }).status === 0

interface Ports {
  front: number
  flowfuse: number
  ours: number
}

/** The first block of a language that is about the path, with the port of this test in the place of ours. */
function documented(language: string, ours: number): string {
  const blocks = [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, text = '']) => text,
  )
  const about = blocks.find((text) => text.includes('127.0.0.1:3010'))
  if (about === undefined) throw new Error(`docs/admin/flowfuse.md shows no ${language} that leads to us`)
  return about.replace('127.0.0.1:3010', `127.0.0.1:${ours}`)
}

async function startNginx(folder: string, { front, flowfuse, ours }: Ports): Promise<ChildProcess> {
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`)
  const server = `listen 127.0.0.1:${front}; ${documented('nginx', ours)} location / { proxy_pass http://127.0.0.1:${flowfuse}; }`
  const http = `access_log off; ${places.join(' ')} server { ${server} }`
  const config = `daemon off; worker_processes 1; pid pid; error_log error.log; events {}\nhttp { ${http} }`
  await writeFile(join(folder, 'nginx.conf'), config)
  return spawn('nginx', ['-p', folder, '-c', 'nginx.conf', '-e', 'error.log'], { env: PATHS, stdio: 'inherit' })
}

async function startCaddy(folder: string, { front, flowfuse, ours }: Ports): Promise<ChildProcess> {
  const site = `http://127.0.0.1:${front} {\n${documented('caddyfile', ours)}\nreverse_proxy 127.0.0.1:${flowfuse}\n}\n`
  await writeFile(join(folder, 'Caddyfile'), `{\n\tadmin off\n}\n${site}`)
  const env = { ...PATHS, HOME: folder }
  return spawn('caddy', ['run', '--config', join(folder, 'Caddyfile')], { env, stdio: 'ignore' })
}

const fronts = [
  { name: 'nginx', start: startNginx },
  { name: 'caddy', start: startCaddy },
].filter(({ name }) => has(name))

it('nginx is here where it has to be', () => {
  if (process.env['CI']) expect(fronts.map(({ name }) => name)).toContain('nginx')
})

interface Seen {
  at: string
  path: string
  headers: IncomingHttpHeaders
}

/** Streams that are open at us. */
let listening = 0

/** Says who was asked, for what, with which headers; a stream stays open after its first event. */
async function startEcho(at: string, port: number): Promise<Server> {
  const server = createServer(({ url = '', headers }, response) => {
    if (url.endsWith('/events')) {
      listening += 1
      response.once('close', () => (listening -= 1))
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('event: hello\n\n')
      return
    }
    response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ at, path: url, headers } satisfies Seen))
  })
  await once(server.listen(port, '127.0.0.1'), 'listening')
  return server
}

async function stopEcho(server: Server): Promise<void> {
  server.closeAllConnections()
  await once(server.close(), 'close')
}

describe.each(fronts)('one path beside FlowFuse behind $name, as documented', ({ start }) => {
  let folder: string
  let ports: Ports
  let front: ChildProcess
  let echoes: Server[]
  const ask = async (path: string, headers: Record<string, string> = {}): Promise<Seen> =>
    (await (await fetch(`http://127.0.0.1:${ports.front}${path}`, { headers })).json()) as Seen

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'forge-front-'))
    ports = { front: await freePort(), flowfuse: await freePort(), ours: await freePort() }
    echoes = [await startEcho('flowfuse', ports.flowfuse), await startEcho('ours', ports.ours)]
    front = await start(folder, ports)
    await eventually(async () => expect((await ask('/')).at).toBe('flowfuse'))
  })
  afterAll(async () => {
    const gone = once(front, 'exit')
    front.kill('SIGTERM')
    // Caddy waits for streams that are still open.
    await Promise.all(echoes.map(stopEcho))
    await gone
    await rm(folder, { recursive: true, force: true })
  })

  it.each(['/pat', '/pat/', '/pat/settings/tokens?search=a', '/.well-known/oauth-authorization-server/pat'])(
    'leads %s to us, path unchanged',
    async (path) => {
      expect(await ask(path)).toMatchObject({ at: 'ours', path })
    },
  )

  it.each(['/', '/patterns', '/api/v1/user', '/account/pat', '/.well-known/oauth-authorization-server'])(
    'leaves %s to FlowFuse',
    async (path) => {
      expect(await ask(path)).toMatchObject({ at: 'flowfuse', path })
    },
  )

  it('tells us the address that it sees itself, and nothing that a client made up', async () => {
    const lies = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' }
    const { headers } = await ask('/pat/health/live', lies)
    expect([headers['x-forwarded-for'], headers['x-forwarded-proto']]).toEqual(['127.0.0.1', 'http'])
    expect(headers.host).toMatch(/^127\.0\.0\.1/)
  })

  it('passes an event on before the next one is there, and says when a listener has gone', async () => {
    const events = request(`http://127.0.0.1:${ports.front}/pat/api/v1/instance/events`).end()
    const [response] = (await once(events, 'response')) as [NodeJS.ReadableStream]
    const [first] = (await once(response, 'data')) as [Buffer]
    expect(String(first)).toContain('event: hello')
    expect(listening).toBe(1)
    events.destroy()
    await eventually(() => expect(listening).toBe(0))
  })
})
