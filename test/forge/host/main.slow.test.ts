import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server } from 'node:net'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { User } from '../../../forge/contract/host.ts'
import { createSqliteFile } from '../../support/database.ts'
import { freePort } from '../../support/forge.ts'

interface Run {
  child: ChildProcess
  /** Everything that it has printed until now. */
  output(): string
  /** Its exit code; null when a signal ended it. */
  ended: Promise<number | null>
}

let database: { url: string; drop(): Promise<void> }
let port: number
const runs: Run[] = []
beforeEach(async () => {
  database = await createSqliteFile()
  port = await freePort()
})
afterEach(async () => {
  for (const { child, ended } of runs.splice(0)) {
    child.kill('SIGKILL')
    await ended
  }
  await database.drop()
})

/** The built forge, as `npm start` runs it. */
function run(environment: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, ['dist/forge/host/main.js'], {
    env: { PATH: process.env['PATH'], PORT: String(port), DATABASE_URL: database.url, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => printed.push(String(chunk)))

  const ended = once(child, 'close').then(([code]) => code as number | null)
  const started = { child, output: () => printed.join(''), ended }
  runs.push(started)
  return started
}

async function ready({ output, ended }: Run): Promise<void> {
  let over = false
  void ended.then(() => (over = true))
  await expect.poll(() => over || output().includes('Ctrl+C'), { timeout: 30_000, interval: 50 }).toBe(true)
  expect(over, output()).toBe(false)
}

const setupLink = (output: string) => /http\S+\/setup#(\S+)/.exec(output)
const person = { username: 'root', name: 'Root', email: 'root@example.com', password: 'correct horse' }
const post = (path: string, body: object) =>
  fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

describe('starting', () => {
  it('prints an address that answers, and a set-up link that works once', async () => {
    const forge = run()
    await ready(forge)

    expect(forge.output()).toContain(`ready at  http://127.0.0.1:${port}`)
    const code = setupLink(forge.output())?.[1]
    const first = await post('/account/setup', { ...person, code })
    expect(first.status).toBe(201)
    expect(((await first.json()) as User).admin).toBe(true)
    expect((await post('/account/setup', { ...person, username: 'second', code })).status).toBe(400)
  })

  it('prints no link once there is a user, and keeps key and data', async () => {
    const first = run()
    await ready(first)
    await post('/account/setup', { ...person, code: setupLink(first.output())?.[1] })
    first.child.kill('SIGTERM')
    await first.ended

    const second = run()
    await ready(second)

    expect(setupLink(second.output())).toBeNull()
    expect((await post('/account/login', { username: 'root', password: person.password })).status).toBe(200)
  })

  it('takes the first administrator from the environment, once', async () => {
    const admin = {
      FORGE_ADMIN_USERNAME: 'root',
      FORGE_ADMIN_PASSWORD: 'correct horse',
      FORGE_ADMIN_EMAIL: 'root@example.com',
    }
    const first = run(admin)
    await ready(first)
    expect(setupLink(first.output())).toBeNull()
    first.child.kill('SIGTERM')
    await first.ended

    await ready(run({ ...admin, FORGE_ADMIN_PASSWORD: 'another password' }))

    expect((await post('/account/login', { username: 'root', password: 'correct horse' })).status).toBe(200)
  })
})

describe('stopping', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'on %s ends with 0 while a client keeps its connection open',
    async (signal) => {
      const forge = run()
      await ready(forge)
      await (await fetch(`http://127.0.0.1:${port}/health/ready`)).text()

      forge.child.kill(signal)

      expect(await forge.ended).toBe(0)
      expect(forge.output()).toContain(`${signal}: stopping.`)
    },
  )

  it('does not wait for the drain when it is told so twice', async () => {
    const forge = run({ DRAIN_SECONDS: '300' })
    await ready(forge)

    forge.child.kill('SIGTERM')
    await expect.poll(() => forge.output()).toContain('SIGTERM: stopping in 300 seconds.')
    forge.child.kill('SIGTERM')

    expect(await forge.ended).toBe(1)
  })
})

describe('what keeps it from starting', () => {
  const only = (output: string) => output.trim().split('\n')

  it('is one sentence that names the variable', async () => {
    const forge = run({ LOG_LEVEL: 'loud' })

    expect(await forge.ended).toBe(1)
    expect(only(forge.output())).toEqual([
      'forge-pat: LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent.',
    ])
  })

  it('is a port that somebody else has', async () => {
    const other: Server = createServer()
    await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve))
    const taken = (other.address() as AddressInfo).port

    const forge = run({ PORT: String(taken) })

    expect(await forge.ended).toBe(1)
    expect(only(forge.output())).toEqual([`forge-pat: PORT ${taken} is in use by another program; choose another one.`])
    other.close()
  })

  it('is a database that cannot be opened', async () => {
    const closed = await freePort()
    const url = `postgres://forge:s3cret@127.0.0.1:${closed}/forge`
    const postgres = run({ DATABASE_URL: url, FORGE_SECRET_KEY: Buffer.alloc(32, 1).toString('base64') })
    const path = `${database.url.slice('sqlite:'.length)}.folder`
    await mkdir(path)
    const folder = run({ DATABASE_URL: `sqlite:${path}` })

    expect(await postgres.ended).toBe(1)
    expect(only(postgres.output())).toEqual([expect.stringMatching(/^forge-pat: DATABASE_URL names a database .*\.$/)])
    expect(postgres.output()).not.toContain('s3cret')
    expect(await folder.ended).toBe(1)
    expect(only(folder.output())).toEqual([expect.stringMatching(/^forge-pat: DATABASE_URL names a database .*\.$/)])
  })
})
