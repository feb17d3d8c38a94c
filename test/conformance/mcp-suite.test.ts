import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

import type { ToolCallPage } from '../../forge/contract/tool-calls.ts'
import { addMember, createUser, mintToken, openBrowser } from '../support/builders.ts'
import { startEverythingServer } from './everything-server.ts'
import { startGuardedServer, type GuardedServer } from './guarded-server.ts'
import { revokedToken } from './scene.ts'
import type { Listening } from './listen.ts'
import { runSuite, type SuiteRun } from './suite.ts'

/** What the log holds of a run: each tool that the suite calls, and what came of it. */
const OUTCOMES = [
  'test_audio_content ok',
  'test_elicitation ok',
  'test_elicitation_sep1034_defaults ok',
  'test_elicitation_sep1330_enums ok',
  'test_embedded_resource ok',
  'test_error_handling tool_error',
  'test_image_content ok',
  'test_multiple_content_types ok',
  // Its stream ends before its answer, which the client comes back for.
  'test_reconnection ok',
  'test_sampling ok',
  'test_simple_text ok',
  'test_tool_with_logging ok',
  'test_tool_with_progress ok',
]

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

async function outcomesOf(user: { id: string }): Promise<string[]> {
  const browser = await openBrowser(guarded.scene.forge, user)
  const { calls } = (await browser('GET', '/api/v1/calls')).json<ToolCallPage>()
  return calls.map(({ tool, outcome, reason }) => [tool, outcome, reason ?? ''].join(' ').trim()).sort()
}

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

  // No tool of the server says what it does, so all of them need an owner.
  it.each(['guardTools', 'inspectBody'] as const)('does so through %s, for an owner', async (gate) => {
    const { forge, team, instance } = guarded.scene
    const user = await createUser(forge)
    await addMember(forge, { team, user, role: 'owner' })
    const { token } = await mintToken(forge, { user, instance, role: 'owner', readOnly: false })
    guarded.use(token, gate)

    const run = await runSuite(`${guarded.url}/mcp`)

    expect(run.checks).toEqual(openRun.checks)
    expect(run.exitCode).toBe(0)
    await vi.waitFor(async () => expect(await outcomesOf(user)).toEqual(OUTCOMES), { timeout: 20_000 })
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
