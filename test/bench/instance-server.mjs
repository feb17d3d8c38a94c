/**
 * An instance for `npm run bench`, in a process of its own and as it is published, for what runs TypeScript makes
 * functions dearer.
 * Arguments: what it serves, what stands in front of that, the address of the forge, a folder for the state, the
 * credential of the instance.
 */
import { createServer } from 'node:http'

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import express from 'express'

import { httpNodeMiddleware } from '../../dist/instance/index.js'
import { guardTools } from '../../dist/instance/mcp/index.js'
import { announce } from './serve.mjs'

const [served, front, forgeUrl, stateFolder, instanceToken = 'fft_bench'] = process.argv.slice(2)

const middleware = httpNodeMiddleware({
  forgeUrl,
  ...(stateFolder ? { stateFolder } : {}),
  instanceToken,
  resourceUrl: 'http://bench.example',
  log: () => undefined,
})

const LISTENERS = {
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
    void server.connect(transport).then(() => transport.handleRequest(request, response))
  },
}

const listener = LISTENERS[served]
const http = createServer(
  front === 'nothing'
    ? listener
    : (request, response) => middleware(request, response, () => listener(request, response)),
)
http.listen(0, '127.0.0.1', () => announce(`http://127.0.0.1:${http.address().port}/`, () => middleware.link.close()))
