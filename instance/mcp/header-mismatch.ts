import type { InstanceRequest } from '../connect.ts'
import { asRequest, isFields, revisionOf, rpcError, type RpcError, type RpcRequest } from './json-rpc.ts'

/** MCP 2026-07-28, streamable HTTP: headers must say what the body says. */
const HEADER_MISMATCH = -32_020

/**
 * A server that is led by the headers must not be led elsewhere than the gate, which is led by the body. Null: they agree.
 */
export function headerMismatch({ headers }: Pick<InstanceRequest, 'headers'>, body: unknown): RpcError | null {
  const { 'mcp-method': method, 'mcp-name': name } = headers
  const request = Array.isArray(body) ? null : asRequest(body)
  const isModern = request !== null && revisionOf(request) !== null
  if (method === undefined && name === undefined && !isModern) return null
  // A notification has a method too; a batch and an answer have none.
  if (!request) return isFields(body) && method === body['method'] && name === undefined ? null : mismatchError(null)

  const wanted = nameOf(request)
  const agrees =
    (method === request.method || (method === undefined && !isModern)) &&
    (name === undefined ? !isModern || wanted === undefined : decodeHeader(String(name)) === wanted)
  return agrees ? null : mismatchError(request.id)
}

/** What a request names beside its method, which the header has to repeat. */
function nameOf({ method, params }: RpcRequest): unknown {
  if (method === 'tools/call' || method === 'prompts/get') return params['name']
  return method === 'resources/read' ? params['uri'] : undefined
}

function mismatchError(id: string | number | null): RpcError {
  return rpcError(id, { code: HEADER_MISMATCH, message: 'The headers Mcp-Method and Mcp-Name must equal the body.' })
}

/** Text that is no header value travels as `=?base64?…?=`. */
function decodeHeader(value: string): string {
  const encoded = /^=\?base64\?(.*)\?=$/i.exec(value)?.[1]
  return encoded === undefined ? value : Buffer.from(encoded, 'base64').toString('utf8')
}
