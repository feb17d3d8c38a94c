import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import type { CreatedToken } from '../../../../../forge/contract/token.ts'
import { httpNodeMiddleware, type ForgeLink } from '../../../../../instance/index.ts'
import { callerFrom, guardTools } from '../../../../../instance/mcp/index.ts'
import { connectV2, type McpClient } from '../../../../../scripts/demo/clients.ts'
import { listen, type Listening } from '../../../../instance/support/listen.ts'
import type { Dialect } from '../../../../support/database.ts'
import { NOW } from '../scene.ts'
import { useScimWorld } from './scene.ts'

/** The whole way: a real forge that listens, a real provider, a real MCP server behind our middleware, a real client. */
export function endToEndCases(dialect: Dialect): void {
  const world = useScimWorld(dialect, { listen: true })
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

  function toolServer(): McpServer {
    const server = new McpServer({ name: 'line', version: '1' })
    server.registerTool('who', { annotations: { readOnlyHint: true } }, (context) => {
      const caller = callerFrom(context.http?.authInfo)
      return { content: [{ type: 'text', text: `${caller?.user.username} ${caller?.role.name}` }] }
    })
    return server
  }

  async function mint(): Promise<string> {
    const browser = await world.signIn('alice-1')
    const answer = await browser.call('POST', '/api/v1/tokens', {
      name: 'Claude Code',
      role: 'member',
      readOnly: false,
      grants: [{ type: 'instance', id: world.instance.id }],
      expiresAt: new Date(NOW + 86_400_000).toISOString(),
    })
    return answer.json<CreatedToken>().token
  }

  const connect = (token: string) => connectV2(`${served.url}/mcp`, token)
  const who = async (client: McpClient) => (await client.call('who')).text

  /** Until the push of the forge has come, which takes milliseconds; without it an answer counts for ten seconds. */
  const soon = { timeout: 5_000, interval: 20 }

  it('names who calls and the role of the group; the role follows the group, and nothing is left of who is disabled', async () => {
    const alice = (await world.tell('alice')).body.id
    const { body: members } = await world.tellGroup('ff-line-4-member', [alice])
    const { body: viewers } = await world.tellGroup('ff-line-4-viewer', [alice])
    const token = await mint()
    const client = await connect(token)
    await vi.waitFor(async () => expect(await who(client)).toBe('alice member'), soon)

    await world.patch(`/Groups/${members.id}`, { op: 'remove', path: `members[value eq "${alice}"]` })
    await vi.waitFor(async () => expect(await who(client)).toBe('alice viewer'), soon)

    await world.patch(`/Groups/${viewers.id}`, { op: 'remove', path: 'members', value: [{ value: alice }] })
    await vi.waitFor(async () => expect(await outcome(client)).toMatch(/401|invalid_token/), soon)

    await world.patch(`/Groups/${members.id}`, { op: 'add', path: 'members', value: [{ value: alice }] })
    await vi.waitFor(async () => expect(await outcome(client)).toBe('alice member'), soon)

    const session = await world.signIn('alice-1')
    await world.patch(`/Users/${alice}`, { op: 'Replace', path: 'active', value: 'False' })
    await vi.waitFor(async () => expect(await outcome(client)).toMatch(/401|invalid_token/), soon)
    expect((await session.call('GET', '/api/v1/user')).statusCode).toBe(401)
    await expect(connect(token)).rejects.toThrow()
    await expect(world.signIn('alice-1')).rejects.toThrow('suspended')
    await client.close()
  })

  async function outcome(client: McpClient): Promise<string> {
    return who(client).catch((error: unknown) => String(error))
  }
}
