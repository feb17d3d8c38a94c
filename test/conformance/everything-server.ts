import { randomUUID } from 'node:crypto'

import type { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { localhostHostValidation } from '@modelcontextprotocol/sdk/server/middleware/hostHeaderValidation.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js'
import express, { type Request, type RequestHandler, type Response } from 'express'

import { SessionEvents } from './everything/event-store.ts'
import { createEverythingServer } from './everything/server.ts'
import { listen, type Listening } from './listen.ts'

/** Short, so that a client which was sent away comes back within the run. */
const RETRY_INTERVAL_MS = 100

interface Sessions {
  open: Map<string, StreamableHTTPServerTransport>
  guard: (server: Server) => Server
}

interface EverythingOptions {
  /** Run before it, as an instance's middleware does. */
  gates?: RequestHandler[]
  /** The one line that puts a gate in front of an SDK server. */
  guard?: (server: Server) => Server
}

/** An MCP server at `/mcp` with everything that the conformance suite asks for, over streamable HTTP with sessions. */
export async function startEverythingServer({ gates = [], guard }: EverythingOptions = {}): Promise<Listening> {
  const sessions: Sessions = { open: new Map(), guard: guard ?? ((server) => server) }
  const app = express()
  for (const gate of gates) app.use(gate)
  app.use(localhostHostValidation())
  app.all('/mcp', express.json(), (request: Request, response: Response, next) => {
    handle(sessions, request, response).catch(next)
  })

  const listening = await listen(app)
  return {
    url: listening.url,
    close: async () => {
      for (const transport of sessions.open.values()) await transport.close()
      await listening.close()
    },
  }
}

async function handle(sessions: Sessions, request: Request, response: Response): Promise<void> {
  const sessionId = request.get('mcp-session-id')
  const transport = sessionId === undefined ? undefined : sessions.open.get(sessionId)
  if (transport) return transport.handleRequest(request, response, request.body)

  if (sessionId !== undefined) return refuse(response, 404, 'Session not found')
  if (!isInitializeRequest(request.body)) return refuse(response, 400, 'Session required')

  const opened = await openSession(sessions)
  await opened.handleRequest(request, response, request.body)
}

async function openSession(sessions: Sessions): Promise<StreamableHTTPServerTransport> {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.open.set(id, transport),
    onsessionclosed: (id) => void sessions.open.delete(id),
    eventStore: new SessionEvents(),
    retryInterval: RETRY_INTERVAL_MS,
  })
  const server = createEverythingServer((requestId) => transport.closeSSEStream(requestId))
  await sessions.guard(server).connect(transport)
  return transport
}

function refuse(response: Response, status: number, message: string): void {
  response.status(status).json({ jsonrpc: '2.0', error: { code: -32_000, message }, id: null })
}
