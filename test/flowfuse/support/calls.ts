import { isDeepStrictEqual } from 'node:util'

import { test } from '@playwright/test'

import { CLIENTS, type McpClient } from '../../e2e/support/mcp-client.ts'
import type { FlowFuseInstance } from './instances.ts'

const GIVE_UP_MS = 30_000

export interface Caller {
  /** What the tool says about who calls; `refused` when the instance does not take the token. */
  whoami(): Promise<Record<string, unknown> | 'refused'>
  close(): Promise<void>
}

/** The official MCP client, connected to an instance, which knows nothing but a token. */
export async function connect({ url }: FlowFuseInstance, token: string): Promise<Caller> {
  const client: McpClient = await CLIENTS.v2({ url: `${url}/mcp`, headers: { Authorization: `Bearer ${token}` } })
  return {
    whoami: () =>
      client.callTool({ name: 'whoami' }).then(
        (answer) => (answer as { structuredContent: Record<string, unknown> }).structuredContent,
        (error: Error) => {
          if (error.message.includes('invalid_token')) return 'refused'
          throw error
        },
      ),
    close: () => client.close(),
  }
}

/**
 * Asks without a pause until the answer is another one.
 * @returns how long after now the last question began that was answered as before, in milliseconds, by a clock that nobody
 *   sets: a busy machine makes questions longer, but lets none in that begins too late
 * @throws {Error} for an answer that is neither
 */
export async function lastAnsweredAs<Answer>(
  before: Answer,
  after: Answer,
  ask: () => Promise<Answer>,
): Promise<number> {
  const start = performance.now()
  for (let last = 0; ;) {
    const began = performance.now() - start
    const answer = await ask()
    if (isDeepStrictEqual(answer, after)) {
      test.info().annotations.push({ type: 'last answered as before', description: `${Math.ceil(last)} ms after` })
      return last
    }
    if (!isDeepStrictEqual(answer, before)) throw new Error(`the answer is ${JSON.stringify(answer)}`)
    if (began > GIVE_UP_MS) throw new Error(`the answer is still ${JSON.stringify(answer)} after ${began} ms`)
    last = began
  }
}
