/**
 * A server for `npm run bench:gate`, in a process of its own. It prints its address, and ends with its standard input.
 * Arguments: what it serves, what stands in front of that, the address of the forge, a folder for the state.
 */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import express from 'express'

import type { Front, Served } from './gate.ts'

const [served, front, forgeUrl, stateFolder] = process.argv.slice(2) as [Served, Front, string, string]

// As it is published: what runs TypeScript as it is makes every function dearer.
const dist = new URL('../../dist/instance/', import.meta.url)
const { httpNodeMiddleware } = (await import(`${dist.href}index.js`)) as typeof import('../../instance/index.ts')
const { guardTools } = (await import(`${dist.href}mcp/index.js`)) as typeof import('../../instance/mcp/index.ts')

const middleware = httpNodeMiddleware({
  forgeUrl,
  stateFolder,
  instanceToken: 'fft_bench',
  resourceUrl: 'http://bench.example',
})

const LISTENERS: Record<Served, RequestListener> = {
  // Nothing is less work in Node than this.
  http: (_request, response) => void response.end('ok'),
  // What Node-RED's `http in` is one of.
  express: express().get('/', (_request, response) => void response.send('ok')),
  // A server and a transport for each request, as the SDK's example of a stateless server has it.
  tool: (request, response) => {
    const server = new McpServer({ name: 'bench', version: '1' })
    server.registerTool('look', { annotations: { readOnlyHint: true } }, () => ({
      content: [{ type: 'text', text: 'seen' }],
    }))
    if (front === 'gate') guardTools(server, middleware.link, { path: '/' })
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true })
    response.on('close', () => void server.close())
    void server.connect(transport as never).then(() => transport.handleRequest(request, response))
  },
}

const listener = LISTENERS[served]
const http = createServer(
  front === 'nothing'
    ? listener
    : (request, response) => middleware(request, response, () => listener(request, response)),
)
http.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(http.address() as AddressInfo).port}/\n`)
})
process.stdin.on('end', () => void middleware.link.close().then(() => process.exit())).resume()
