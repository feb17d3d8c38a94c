/**
 * An instance in a process of its own, as its author would write it with the published package: one tool behind the
 * middleware and `guardTools`. Settings come from the environment (`FORGE_*`), the port is the first argument.
 */
import { createServer } from 'node:http'

import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, Server } from '@modelcontextprotocol/server'
import { httpNodeMiddleware } from 'forge-pat/instance'
import { callerFrom, guardTools } from 'forge-pat/instance/mcp'

const WHO = { name: 'who', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }

const forge = httpNodeMiddleware({ log: () => undefined })
const handle = toNodeHandler(
  createMcpHandler(() => {
    const server = new Server({ name: 'tools', version: '1' }, { capabilities: { tools: {} } })
    server.setRequestHandler('tools/list', () => ({ tools: [WHO] }))
    server.setRequestHandler('tools/call', (_request, context) => ({
      content: [{ type: 'text', text: callerFrom(context.http?.authInfo)?.user.username ?? 'nobody' }],
    }))
    return guardTools(server, forge.link)
  }),
)

createServer((request, response) => forge(request, response, () => void handle(request, response))).listen(
  Number(process.argv[2]),
  '127.0.0.1',
  () => process.stdout.write('is ready\n'),
)
