import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { afterEach, beforeEach, expect, vi } from 'vitest'

import { httpNodeMiddleware, type ForgeLink } from '../../../instance/index.ts'
import { callerFrom, guardTools } from '../../../instance/mcp/index.ts'
import { connectV2, type McpClient } from '../../../scripts/demo/clients.ts'
import { listen, type Listening } from '../../instance/support/listen.ts'
import type { TestInstance } from '../builders.ts'
import type { TestForge } from '../forge.ts'

/** Until the push of the forge has come, which takes milliseconds; without it an answer counts for ten seconds. */
const SOON = { timeout: 5_000, interval: 20 }

/** A real MCP server behind our middleware, as it runs in an instance of a forge that listens. */
export interface McpInstance {
  connect(token: string): Promise<McpClient>
  /** Waits until the tool that names its caller answers so (`alice member`), or the call is refused. */
  says(client: McpClient, answer: string): Promise<void>
  refuses(client: McpClient): Promise<void>
}

export function useMcpInstance(world: { forge: TestForge; instance: TestInstance }): McpInstance {
  let link: ForgeLink
  let served: Listening

  beforeEach(async () => {
    const middleware = httpNodeMiddleware({
      forgeUrl: world.forge.url,
      instanceToken: world.instance.credential,
      resourceUrl: world.instance.url,
      log: () => undefined,
    })
    link = middleware.link
    const handle = toNodeHandler(createMcpHandler(() => guardTools(toolServer(), link)))
    served = await listen((request, response) => {
      middleware(request, response, () => void handle(request as never, response))
    })
  })
  afterEach(async () => {
    await link.close()
    await served.close()
  })

  const outcome = (client: McpClient) =>
    client.call('who').then(
      ({ text }) => text,
      (error: unknown) => String(error),
    )
  return {
    connect: (token) => connectV2(`${served.url}/mcp`, token),
    says: (client, answer) => vi.waitFor(async () => expect(await outcome(client)).toBe(answer), SOON),
    refuses: (client) => vi.waitFor(async () => expect(await outcome(client)).toMatch(/401|invalid_token/), SOON),
  }
}

function toolServer(): McpServer {
  const server = new McpServer({ name: 'line', version: '1' })
  server.registerTool('who', { annotations: { readOnlyHint: true } }, (context) => {
    const caller = callerFrom(context.http?.authInfo)
    return { content: [{ type: 'text', text: `${caller?.user.username} ${caller?.role.name}` }] }
  })
  return server
}
