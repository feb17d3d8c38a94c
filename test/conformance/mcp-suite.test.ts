import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startEverythingServer } from './everything-server.ts'
import { startGuardedServer, type GuardedServer } from './guarded-server.ts'
import { revokedToken } from './scene.ts'
import type { Listening } from './listen.ts'
import { runSuite, type SuiteRun } from './suite.ts'

let open: Listening
let openRun: SuiteRun
let guarded: GuardedServer

beforeAll(async () => {
  open = await startEverythingServer()
  openRun = await runSuite(`${open.url}/mcp`)
  guarded = await startGuardedServer()
})
afterAll(async () => {
  await open.close()
  await guarded.close()
})

describe('the MCP conformance suite without a gate', () => {
  it('finds no failure in any scenario', () => {
    expect(openRun.checks.filter(({ status }) => status === 'FAILURE')).toEqual([])
    expect(openRun.exitCode).toBe(0)
  })

  it('runs all its scenarios and makes all its checks', () => {
    expect(new Set(openRun.checks.map(({ scenario }) => scenario)).size).toBe(33)
    expect(openRun.checks.filter(({ status }) => status === 'SUCCESS')).toHaveLength(81)
    expect(openRun.checks.filter(({ status }) => status === 'WARNING')).toEqual([])
  })
})

describe('the MCP conformance suite through the gate', () => {
  it('makes the same checks with the same results with a good token', async () => {
    guarded.use((await guarded.scene.mint()).token)

    const run = await runSuite(`${guarded.url}/mcp`)

    expect(run.checks).toEqual(openRun.checks)
    expect(run.exitCode).toBe(0)
  })

  it.each<[string, () => Promise<string | null>, RegExp]>([
    ['no token', async () => null, /token_required/],
    ['a revoked token', () => revokedToken(guarded.scene), /invalid_token/],
  ])('cannot even initialize with %s', async (_what, make, error) => {
    guarded.use(await make())

    const run = await runSuite(`${guarded.url}/mcp`, 'server-initialize')

    expect(run.exitCode).toBe(1)
    const initialize = run.checks.find(({ id }) => id === 'server-initialize')
    expect(initialize).toMatchObject({ status: 'FAILURE', errorMessage: expect.stringMatching(error) as string })
    expect((await fetch(`${guarded.url}/mcp`, { method: 'POST' })).status).toBe(401)
  })
})
