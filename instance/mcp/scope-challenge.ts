import type { ServerResponse } from 'node:http'

import type { AuthInfo } from '@modelcontextprotocol/server'

import { requestPath, type InstanceRequest } from '../connect.ts'
import type { ForgeLink } from '../forge-link.ts'
import { formatChallenge } from '../refusal.ts'
import { metadataUrl } from '../resource-metadata.ts'
import { revisionOf, rpcError, type RpcRequest } from './json-rpc.ts'
import { refuseCall, type DescribedTool, type Permission } from './may-call.ts'

type Denied = Extract<Permission, { allowed: false }>

interface Challenged {
  link: ForgeLink
  rpc: RpcRequest
  tool: Pick<DescribedTool, 'name'>
  permission: Denied
}

/**
 * Whether a refusal is to be a 403 that names the scope. In the older era it is none: the model is to read why, and some
 * clients take a 403 for a reason to sign in anew. For a scope only: no scope helps whose role is too low, and a client
 * that was sent to fetch one would come back for ever.
 */
export function asksForScope(rpc: RpcRequest, permission: Permission | undefined): permission is Denied {
  return revisionOf(rpc) !== null && permission?.allowed === false && permission.rule === 'tool_read_only'
}

/** 403 with all that is needed (RFC 6750 section 3.1; MCP 2026-07-28, authorization). */
export function sendScopeChallenge(request: InstanceRequest, response: ServerResponse, challenged: Challenged): void {
  response.writeHead(403, { ...challengeHeaders(request, challenged), 'content-type': 'application/json' })
  response.end(JSON.stringify(rpcError(challenged.rpc.id, refuseCall(challenged.tool, challenged.permission))))
}

function challengeHeaders(request: InstanceRequest, { link, tool, permission }: Challenged) {
  const challenge = formatChallenge({
    error: 'insufficient_scope',
    error_description: refuseCall(tool, permission).message,
    scope: permission.needed.scope,
    resource_metadata: metadataUrl(link.resourceUrl, requestPath(request)),
  })
  return { 'cache-control': 'no-store', 'www-authenticate': challenge }
}

/** By the AuthInfo of a request, which stands for that request alone, and is all that an SDK hands on to its handlers. */
const answers = new WeakMap<object, { request: InstanceRequest; response: ServerResponse }>()

export function rememberAnswer(request: InstanceRequest, response: ServerResponse): void {
  if (request.auth) answers.set(request.auth, { request, response })
}

/**
 * Makes the answer that an SDK is about to give a 403 with the scope; its body stays. Without effect where the answer
 * has begun, as with an SDK that was told to open a stream at once.
 */
export function challengeInHead(authInfo: AuthInfo | undefined, challenged: Challenged): void {
  const answer = authInfo && answers.get(authInfo)
  if (!answer || answer.response.headersSent) return

  const { request, response } = answer
  const writeHead = response.writeHead.bind(response) as (status: number, ...rest: unknown[]) => ServerResponse
  const forbid = (_status: number, ...rest: unknown[]) => {
    for (const [name, value] of Object.entries(challengeHeaders(request, challenged))) response.setHeader(name, value)
    return writeHead(403, ...rest)
  }
  Object.assign(response, { writeHead: forbid })
}
