import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startEverythingServer } from './everything-server.ts'
import type { Listening } from './listen.ts'
import { runSuite } from './suite.ts'
import type { SuiteRun } from './suite.ts'

/**
 * The suite asks for a priming event from a client of 2025-03-26, for which the SDK leaves it out on purpose: such
 * clients stumble over an event without data. The check is a SHOULD and only warns, with or without a gate.
 */
const WARNINGS = ['server-sse-priming-event', 'server-sse-retry-field']

describe('the MCP conformance suite without a gate', () => {
  let server: Listening
  let run: SuiteRun

  beforeAll(async () => {
    server = await startEverythingServer()
    run = await runSuite(`${server.url}/mcp`)
  })
  afterAll(() => server.close())

  it('finds no failure in any scenario', () => {
    expect(run.checks.filter(({ status }) => status === 'FAILURE')).toEqual([])
    expect(run.exitCode).toBe(0)
  })

  it('runs all its scenarios and makes all its checks', () => {
    expect(new Set(run.checks.map(({ scenario }) => scenario)).size).toBe(32)
    expect(run.checks.filter(({ status }) => status === 'SUCCESS')).toHaveLength(45)
    expect(run.checks.filter(({ status }) => status === 'WARNING').map(({ id }) => id)).toEqual(WARNINGS)
  })
})
