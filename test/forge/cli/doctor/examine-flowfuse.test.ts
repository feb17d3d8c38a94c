import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'

import { migrateModule, openDatabase } from '../../../../forge/host/database.ts'
import { createRoster } from '../../../../forge/instances/roster.ts'
import { examineFlowFuse } from '../../../../forge/cli/doctor/examine-flowfuse.ts'
import { createFlowFuseDatabase, type FlowFuseDatabase } from '../../../support/flowfuse-database.ts'
import { startFlowFuseServer, type FlowFuseServer } from '../../../support/flowfuse-server.ts'
import { TEST_SECRET_KEY } from '../../../support/forge.ts'

let database: FlowFuseDatabase
let flowfuse: FlowFuseServer
let folder: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'forge-doctor-'))
  writeFileSync(join(folder, 'forge-pat.db'), '')
  database = await createFlowFuseDatabase('new', 'sqlite')
  flowfuse = await startFlowFuseServer()
})
afterEach(async () => {
  await flowfuse.close()
  await database.cleanup()
  rmSync(folder, { recursive: true })
})

type Answers = Record<string, { status: number; body: object; type?: string }>

/** What a proxy makes of each path; everything else is FlowFuse's page. @returns its address */
async function startFront(answers: (origin: string) => Answers): Promise<string> {
  const server = createServer(({ url = '' }, response) => {
    const answer = answers(origin)[url]
    if (!answer) return void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>')
    response
      .writeHead(answer.status, { 'content-type': answer.type ?? 'application/json' })
      .end(JSON.stringify(answer.body))
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return origin
}

const RIGHT = (origin: string): Answers => ({
  '/pat/health/live': { status: 200, body: { status: 'ok' } },
  '/pat/health/caller': { status: 200, body: { address: '127.0.0.1', protocol: 'http' } },
  '/.well-known/oauth-authorization-server/pat': { status: 200, body: { issuer: `${origin}/pat` } },
  '/api/v1/user': { status: 401, body: { code: 'unauthorized' } },
})

/** @param changes to the environment; undefined takes a variable away */
async function examine(
  changes: Record<string, string | undefined> = {},
  { front = RIGHT, skewMs = 0 }: { front?: (origin: string) => Answers; skewMs?: number } = {},
) {
  const env = {
    BASE_URL: `${await startFront(front)}/pat`,
    FLOWFUSE_URL: flowfuse.url,
    FLOWFUSE_DATABASE: database.url,
    DATABASE_URL: `sqlite:${join(folder, 'forge-pat.db')}`,
    FORGE_SECRET_KEY: TEST_SECRET_KEY,
    TRUST_PROXY: 'loopback',
    ...changes,
  }
  const findings = await examineFlowFuse(env, () => Date.now() + skewMs)
  const said = (state: string) => findings.filter((each) => each.state === state).map(({ says }) => says)
  expect(findings.filter(({ state, todo }) => state !== 'ok' && !todo)).toEqual([])
  return { wrong: said('wrong'), hints: said('hint'), ok: said('ok'), text: JSON.stringify(findings) }
}

it('finds nothing wrong where everything is as it should be', async () => {
  const { wrong, hints, ok } = await examine()

  expect({ wrong, hints }).toEqual({ wrong: [], hints: [] })
  expect(ok).toEqual([
    expect.stringMatching(/^Node\.js .* is new enough\.$/),
    'The settings can be read.',
    'The server key is there.',
    'Our own database can be opened.',
    'The database of FlowFuse can be reached.',
    'All columns that are needed can be read.',
    'This FlowFuse has roles per application, and has suspended teams.',
    'The id of this FlowFuse is known.',
    'A SQLite file knows no rights; forge-pat opens it for reading alone.',
    'Changes in FlowFuse count with the next question: no trigger in its database and no polling is needed.',
    expect.stringMatching(/^FlowFuse answers at/),
    'The clock here agrees with that of FlowFuse.',
    'FlowFuse says who is signed in.',
    'FlowFuse checks the tokens of instances.',
    expect.stringMatching(/^forge-pat answers at/),
    expect.stringMatching(/^FlowFuse answers at/),
    '/.well-known/oauth-authorization-server/pat is served.',
    'The proxy says who calls, and believes no caller about it.',
    "FlowFuse's menu has no entry for tokens; it is optional.",
  ])
})

it('names the setting that cannot be read, and no value of it', async () => {
  const { wrong, text } = await examine({ FLOWFUSE_DATABASE: 'mysql://root:hunter2@127.0.0.1/flowfuse' })

  expect(wrong).toEqual([expect.stringMatching(/^FLOWFUSE_DATABASE must be/)])
  expect(text).not.toContain('hunter2')
})

describe('our own database', () => {
  it('that is not there yet is no fault', async () => {
    const file = join(folder, 'another.db')

    expect(await examine({ DATABASE_URL: `sqlite:${file}` })).toMatchObject({
      wrong: [],
      hints: [`Our own database, the file ${file}, does not exist.`],
    })
    expect(existsSync(file)).toBe(false)
  })

  it('knows which instances listen, once there is one', async () => {
    const file = `sqlite:${join(folder, 'forge-pat.db')}`
    const db = await openDatabase(file)
    await migrateModule(db)
    expect((await examine()).hints).toEqual(['No instance listens to forge-pat now.'])

    const roster = createRoster(db, pino({ level: 'silent' }))
    await roster.join({ instanceId: 'packer', confirms: true })
    await roster.join({ instanceId: 'packer', confirms: true })
    expect((await examine()).ok).toContain('Instances that listen to forge-pat now: 1.')
    await roster.close()
    await db.close()
  })

  it('that cannot be reached is named without its password', async () => {
    const { wrong, text } = await examine({ DATABASE_URL: 'postgres://forge_pat:hunter2@127.0.0.1:1/forge_pat' })

    expect(wrong).toEqual([expect.stringMatching(/^DATABASE_URL names a database that cannot be opened/)])
    expect(text).not.toContain('hunter2')
  })
})

describe('the database', () => {
  it('that cannot be reached is named without its password', async () => {
    const { wrong, text } = await examine({ FLOWFUSE_DATABASE: 'postgres://forge_pat:hunter2@127.0.0.1:1/flowfuse' })

    expect(wrong).toEqual([expect.stringMatching(/^FLOWFUSE_DATABASE names a database that cannot be opened/)])
    expect(text).not.toContain('hunter2')
  })

  it('is told column by column what it lacks', async () => {
    await database.run('ALTER TABLE "Projects" DROP COLUMN "url"')

    expect((await examine()).wrong).toEqual(['The column "Projects"."url" does not exist.'])
  })

  it('has to know the id, which may not be of another FlowFuse', async () => {
    expect((await examine({ FLOWFUSE_INSTANCE_ID: 'another' })).wrong).toEqual([
      'FLOWFUSE_INSTANCE_ID is of another FlowFuse.',
    ])
    await database.run('DELETE FROM "PlatformSettings"')
    expect((await examine()).wrong).toEqual([expect.stringMatching(/^FLOWFUSE_INSTANCE_ID is missing/)])
  })
})

describe('FlowFuse', () => {
  it('that is down, or another server, or yields to every credential, is found out', async () => {
    flowfuse.instead = { status: 200, body: '', headers: {} }
    expect((await examine()).wrong).toEqual([expect.stringMatching(/is no FlowFuse: it answered 200\.$/)])
    await flowfuse.close()
    expect((await examine()).wrong).toEqual([expect.stringMatching(/^FlowFuse does not answer at .*: ECONNREFUSED\.$/)])
  })

  it('has a clock that agrees with ours', async () => {
    expect((await examine({}, { skewMs: 300_000 })).wrong).toEqual([
      expect.stringMatching(/^The clock here is (?:299|300|301) seconds ahead of that of FlowFuse\.$/),
    ])
  })
})

describe('the menu', () => {
  const loads = (script: string) => `<script defer src="${script}"></script>`
  const withMenu = (answer: Answers[string] | undefined) => (origin: string) => ({
    ...RIGHT(origin),
    '/': { status: 200, body: { page: loads('/pat/flowfuse-menu.js').replaceAll('"', '') } },
    ...(answer ? { '/pat/flowfuse-menu.js': answer } : {}),
  })

  it('that FlowFuse’s pages load has to be there', async () => {
    const script = { status: 200, body: {}, type: 'text/javascript' }
    expect((await examine({}, { front: withMenu(script) })).ok).toContain("FlowFuse's menu has an entry for tokens.")
    expect((await examine({}, { front: withMenu(undefined) })).wrong).toEqual([
      "FlowFuse's pages load /pat/flowfuse-menu.js, which is not there.",
    ])
  })
})

describe('the proxy', () => {
  const without = (path: string) => (origin: string) => {
    const { [path]: _left, ...others } = RIGHT(origin)
    return others
  }
  const calledBy = (address: string, protocol: string) => (origin: string) => ({
    ...RIGHT(origin),
    '/pat/health/caller': { status: 200, body: { address, protocol } },
  })

  it('has to lead to forge-pat, and to FlowFuse, and to the discovery document', async () => {
    const wrong = async (path: string) => (await examine({}, { front: without(path) })).wrong

    expect(await wrong('/pat/health/live')).toEqual([expect.stringMatching(/is not forge-pat: it answered 200\.$/)])
    expect(await wrong('/api/v1/user')).toEqual([expect.stringMatching(/^FlowFuse does not answer at/)])
    expect(await wrong('/.well-known/oauth-authorization-server/pat')).toEqual([
      '/.well-known/oauth-authorization-server/pat does not lead to forge-pat: clients will not find it.',
    ])
    const down = (origin: string) => ({ ...RIGHT(origin), '/pat/health/live': { status: 502, body: {} } })
    expect((await examine({}, { front: down })).wrong).toEqual([expect.stringMatching(/does not reach forge-pat\.$/)])
  })

  it('may not hand on what callers say of themselves', async () => {
    expect((await examine({}, { front: calledBy('203.0.113.7', 'http') })).wrong).toEqual([
      'The proxy hands on what callers say of their own address: limits and audit would believe anything.',
    ])
  })

  it('should be believed, and say how it is called', async () => {
    expect((await examine({ TRUST_PROXY: undefined })).hints).toEqual([
      'TRUST_PROXY is not set: all callers have the address of the proxy, and share one limit.',
    ])
    expect((await examine({}, { front: calledBy('127.0.0.1', 'https') })).hints).toEqual([
      'The proxy does not say that it is called by http.',
    ])
  })
})
