import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import {
  createMcpHandler,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  WebStandardStreamableHTTPServerTransport,
  type AuthInfo,
  type CallToolResult,
} from '@modelcontextprotocol/server'

import { callerOf, linkOf, type Caller } from '../caller.ts'
import type { InstanceRequest } from '../connect.ts'
import type { ForgeLink } from '../forge-link.ts'
import { callerFrom } from '../mcp/caller-from.ts'
import { headerMismatch } from '../mcp/header-mismatch.ts'
import { asRequest, clientInfoOf, messagesOf, revisionOf, rpcError, type RpcRequest } from '../mcp/json-rpc.ts'
import { refuseCall } from '../mcp/may-call.ts'
import { asksForScope, sendScopeChallenge } from '../mcp/scope-challenge.ts'
import { readJsonBody } from '../read-body.ts'
import { FOREIGN_SESSION, sendRefusal } from '../refusal.ts'
import { failure } from './pending-calls.ts'
import type { CompiledTool } from './tool.ts'

/** A tool with the flow behind it. */
export interface OfferedTool extends CompiledTool {
  run(call: ToolCall): Promise<CallToolResult>
}

export interface ToolCall {
  caller: Caller
  args: Record<string, unknown>
  /** What the call came with. */
  request: InstanceRequest
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal
}

export interface EndpointOptions {
  name: string
  path: string
  /** Looked at anew in each request. */
  tools: (link: ForgeLink) => readonly OfferedTool[]
  log: (message: string) => void
}

const VERSION = '1.0.0'
const TOO_LARGE = { code: -32_000, message: 'The request is too large: four megabytes are the most.' }
const NO_JSON = { code: -32_700, message: 'The body of the request is no JSON.' }

/**
 * Serves one request of MCP over streamable HTTP, stateless: who calls is decided for each request, never for a
 * session. Both eras are served: requests that say which revision they speak (2026-07-28), and those of clients that
 * begin with `initialize`.
 */
export async function serveMcp(
  options: EndpointOptions,
  request: InstanceRequest,
  response: ServerResponse,
): Promise<void> {
  const caller = callerOf(request)
  const link = linkOf(request)
  if (!caller || !link) return sendRefusal(response, NOBODY_KNOWN)
  if (request.method !== 'POST') return sendRefusal(response, ONLY_POST)

  const body = await readJsonBody(request)
  if (body.kind === 'too-large') return sendJson(response, 413, rpcError(null, TOO_LARGE))
  if (body.kind === 'no-json') return sendJson(response, 400, rpcError(null, NO_JSON))

  const context = { options, caller, link, request }
  const requests = messagesOf(body.value).map(asRequest)
  const [first] = requests
  if (first && revisionOf(first) !== null) {
    if (await challenged(context, response, first)) return
  } else {
    // None is ever opened here: whoever has an id has it from another server, or from somebody else.
    if (request.headers['mcp-session-id'] !== undefined) return sendRefusal(response, FOREIGN_SESSION)
    for (const each of requests) if (each) rememberClient(context, each)
  }
  await answer(context, response, body.value)
}

interface Context {
  options: EndpointOptions
  caller: Caller
  link: ForgeLink
  request: InstanceRequest
}

function rememberClient({ caller, link }: Context, request: RpcRequest): void {
  const info = request.method === 'initialize' ? clientInfoOf(request) : null
  if (info) link.gate.rememberClient(caller, info)
}

/** Since 2026-07-28 a call for which the scope of the token is not enough is a 403 that names the scope. */
async function challenged(
  { options, caller, link, request }: Context,
  response: ServerResponse,
  rpc: RpcRequest,
): Promise<boolean> {
  const name = rpc.method === 'tools/call' ? rpc.params['name'] : undefined
  const offered = options.tools(link).find(({ tool }) => tool.name === name)
  // What is wrong besides is refused on the usual way, in other words.
  if (!offered || headerMismatch(request, rpc) || !(await isReady(link))) return false

  const permission = link.gate.mayCall(caller, options.path, offered.tool)
  if (!asksForScope(rpc, permission)) return false

  const wanted = { caller, server: options.path, tool: offered.tool.name, args: argsOf(rpc), requestId: rpc.id }
  await link.gate.open({ ...wanted, clientInfo: clientInfoOf(rpc) })('refused', permission.rule)
  sendScopeChallenge(request, response, { link, rpc, permission, tool: offered.tool })
  return true
}

function isReady({ gate }: ForgeLink): Promise<boolean> {
  return gate.ready().then(
    () => true,
    () => false,
  )
}

function argsOf({ params }: RpcRequest): Record<string, unknown> {
  const args = params['arguments']
  return typeof args === 'object' && args !== null ? (args as Record<string, unknown>) : {}
}

async function answer(context: Context, response: ServerResponse, parsedBody: unknown): Promise<void> {
  const { request } = context
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const authInfo = request.auth
  const options = { parsedBody, ...(authInfo ? { authInfo } : {}) }
  const served = await handlerFor(context)(asWebRequest(request, gone.signal), options)

  response.writeHead(served.status, Object.fromEntries(served.headers))
  if (served.body === null) return void response.end()
  // A stream that ends because the client has gone is no failure.
  await pipeline(Readable.fromWeb(served.body as never), response).catch(() => undefined)
}

function asWebRequest({ headers, url = '/' }: InstanceRequest, signal: AbortSignal): Request {
  const all = Object.entries(headers).map(([name, value]): [string, string] => [name, [value].flat().join(', ')])
  return new Request(new URL(url, 'http://instance'), { method: 'POST', headers: all, signal })
}

type WebHandler = (request: Request, options: { parsedBody: unknown; authInfo?: AuthInfo }) => Promise<Response>

/** Two ways through the SDK: the older era answers with JSON here, where the SDK's own would open a stream. */
function handlerFor(context: Context): WebHandler {
  return async (request, options) => {
    const first = asRequest(messagesOf(options.parsedBody)[0])
    const isModern = first !== null && revisionOf(first) !== null
    const { log } = context.options
    if (isModern || request.headers.has('mcp-method')) {
      const handler = createMcpHandler(() => createServer(context), { onerror: () => undefined })
      return handler.fetch(request, options)
    }
    const server = createServer(context)
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true })
    await server.connect(transport)
    request.signal.addEventListener('abort', () => void server.close())
    server.onerror = (error) => log(`an MCP request failed: ${error.message}`)
    return transport.handleRequest(request, options)
  }
}

function createServer({ options, link, request }: Context): Server {
  const { name, path, tools } = options
  const server = new Server({ name, version: VERSION }, { capabilities: { tools: {} } })

  server.setRequestHandler('tools/list', async (_request, { http }) => {
    await link.gate.ready()
    const all = tools(link).map(({ tool }) => tool)
    return { tools: link.gate.offeredTo(whoever(http?.authInfo), path, all) }
  })
  server.setRequestHandler('tools/call', ({ params }, { http, mcpReq }) => {
    const call = { tool: params.name, args: params.arguments ?? {}, requestId: mcpReq.id, server: path }
    const clientInfo = server.getClientVersion() ?? null
    const wanted = { ...call, caller: whoever(http?.authInfo), clientInfo }
    return callTool(tools(link), link, wanted, { request, signal: mcpReq.signal })
  })
  return server
}

/** The request was let in by our middleware, so this is somebody; a fault here must not become nobody's call. */
function whoever(authInfo: AuthInfo | undefined): Caller {
  const caller = callerFrom(authInfo)
  if (!caller) throw new Error('Nobody knows who calls.')
  return caller
}

/**
 * A call that must not be is a protocol error; arguments that do not fit are a result, for the model to correct. Each
 * is logged before it is answered.
 * @throws {ProtocolError} unknown tool @throws {GateError} one that this caller may not call, or nobody can say
 */
async function callTool(
  tools: readonly OfferedTool[],
  { gate }: ForgeLink,
  wanted: Parameters<ForgeLink['gate']['open']>[0],
  origin: Pick<ToolCall, 'request' | 'signal'>,
): Promise<CallToolResult> {
  await gate.ready()
  const end = gate.open(wanted)

  const offered = tools.find(({ tool }) => tool.name === wanted.tool)
  if (!offered) {
    await end('refused', 'unknown_tool')
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'There is no tool of this name.', { tool: wanted.tool })
  }
  const permission = gate.mayCall(wanted.caller, wanted.server, offered.tool)
  if (!permission.allowed) {
    await end('refused', permission.rule)
    throw refuseCall(offered.tool, permission)
  }
  const complaint = offered.complain(wanted.args)
  if (complaint !== null) {
    await end('refused', 'bad_arguments')
    return failure(complaint)
  }
  const { caller, args } = wanted
  const result = await offered.run({ caller, args, ...origin })
  await end(result.isError ? 'tool_error' : 'ok')
  return result
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** Another check than ours let the request in; it did not say who it is, and tools are for people who are known. */
const NOBODY_KNOWN = {
  status: 401,
  error: 'token_required',
  description: 'This MCP server answers callers who send an access token of its forge.',
  headers: { 'www-authenticate': 'Bearer' },
} as const

/** There is no session to end, and nothing to stream that no request asked for. */
const ONLY_POST = {
  status: 405,
  error: 'method_not_allowed',
  description: 'MCP requests are sent with POST.',
  headers: { allow: 'POST' },
} as const
