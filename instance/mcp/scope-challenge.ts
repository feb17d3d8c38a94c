import type { ServerResponse } from 'node:http'

import { requestPath, type InstanceRequest } from '../connect.ts'
import type { ForgeLink } from '../forge-link.ts'
import { formatChallenge } from '../refusal.ts'
import { metadataUrl } from '../resource-metadata.ts'
import { rpcError, type RpcRequest } from './json-rpc.ts'
import { refuseCall, type DescribedTool, type Permission } from './may-call.ts'

interface Challenged {
  link: ForgeLink
  rpc: RpcRequest
  tool: DescribedTool
  permission: Extract<Permission, { allowed: false }>
}

/**
 * 403 with all that is needed (RFC 6750 section 3.1; MCP 2026-07-28, authorization). For a scope only: no scope helps
 * whose role is too low, and a client that was sent to fetch one would come back for ever.
 */
export function sendScopeChallenge(
  request: InstanceRequest,
  response: ServerResponse,
  { link, rpc, tool, permission }: Challenged,
): void {
  const error = refuseCall(tool, permission)
  const challenge = formatChallenge({
    error: 'insufficient_scope',
    error_description: error.message,
    scope: permission.needed.scope,
    resource_metadata: metadataUrl(link.resourceUrl, requestPath(request)),
  })
  response.writeHead(403, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'www-authenticate': challenge,
  })
  response.end(JSON.stringify(rpcError(rpc.id, error)))
}
