import type { ServerResponse } from 'node:http'

import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
  type CallToolResult,
} from '@modelcontextprotocol/sdk/types.js'

import { callerOf, type Caller } from '../caller.ts'
import type { InstanceRequest } from '../connect.ts'
import { mayCall, offeredTo, refuseCall } from '../mcp/may-call.ts'
import { sendRefusal } from '../refusal.ts'
import { failure } from './pending-calls.ts'
import type { CompiledTool } from './tool.ts'

/** A tool with the flow behind it. */
export interface OfferedTool extends CompiledTool {
  run(caller: Caller, args: Record<string, unknown>, signal: AbortSignal): Promise<CallToolResult>
}

export interface EndpointOptions {
  name: string
  /** Looked at anew in each request. */
  tools: () => readonly OfferedTool[]
}

const VERSION = '1.0.0'
const MAX_BODY_BYTES = 4 * 1024 * 1024

/**
 * Serves one request of MCP over streamable HTTP, stateless: who calls is decided for each request, never for a
 * session, and an SDK server serves one transport at a time.
 */
export async function serveMcp(
  options: EndpointOptions,
  request: InstanceRequest,
  response: ServerResponse,
): Promise<void> {
  const caller = callerOf(request)
  if (!caller) return sendRefusal(response, NOBODY_KNOWN)
  if (request.method !== 'POST') return sendRefusal(response, ONLY_POST)

  const server = createServer(options, caller)
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true, maxRequestBodySize: MAX_BODY_BYTES })
  response.on('close', () => void server.close())

  await server.connect(transport)
  await transport.handleRequest(request, response)
}

function createServer({ name, tools }: EndpointOptions, caller: Caller): Server {
  const server = new Server({ name, version: VERSION }, { capabilities: { tools: {} } })

  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: offeredTo(
      caller,
      tools().map(({ tool }) => tool),
    ),
  }))
  server.setRequestHandler(CallToolRequestSchema, ({ params }, { signal }) =>
    callTool(tools(), caller, { name: params.name, args: params.arguments ?? {} }, signal),
  )
  return server
}

/**
 * A call that must not be is a protocol error; arguments that do not fit are a result, for the model to correct.
 * @throws {McpError} unknown tool, or one that this caller may not call
 */
async function callTool(
  tools: readonly OfferedTool[],
  caller: Caller,
  { name, args }: { name: string; args: Record<string, unknown> },
  signal: AbortSignal,
): Promise<CallToolResult> {
  const offered = tools.find(({ tool }) => tool.name === name)
  if (!offered) throw new McpError(ErrorCode.InvalidParams, 'There is no tool of this name.', { tool: name })

  const permission = mayCall(caller, offered.tool)
  if (!permission.allowed) throw refuseCall(offered.tool, permission)

  const complaint = offered.complain(args)
  return complaint === null ? offered.run(caller, args, signal) : failure(complaint)
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
