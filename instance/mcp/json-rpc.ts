import type { GateError } from './may-call.ts'
import type { ClientInfo } from './tool-gate.ts'

export type Fields = Record<string, unknown>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** One message, or those of a batch, which only the older era has. */
export function messagesOf(body: unknown): unknown[] {
  return Array.isArray(body) ? (body as unknown[]) : [body]
}

/** A request as JSON-RPC 2.0 has it; notifications and answers are none. */
export interface RpcRequest {
  id: string | number
  method: string
  params: Fields
}

export function asRequest(message: unknown): RpcRequest | null {
  if (!isFields(message)) return null
  const { id, method, params } = message
  if (typeof method !== 'string' || (typeof id !== 'string' && typeof id !== 'number')) return null
  return { id, method, params: isFields(params) ? params : {} }
}

/** The revision that a request itself names, since 2026-07-28; null in the older era. */
export function revisionOf({ params }: RpcRequest): string | null {
  const meta = params['_meta']
  const revision = isFields(meta) ? meta['io.modelcontextprotocol/protocolVersion'] : undefined
  return typeof revision === 'string' ? revision : null
}

/** Who a request says that it comes from: at `initialize`, or in each request since 2026-07-28. */
export function clientInfoOf({ method, params }: RpcRequest): ClientInfo | null {
  const meta = params['_meta']
  const inMeta = isFields(meta) ? meta['io.modelcontextprotocol/clientInfo'] : undefined
  const info = inMeta ?? (method === 'initialize' ? params['clientInfo'] : undefined)
  if (!isFields(info)) return null

  const { name, version } = info
  return typeof name === 'string' && typeof version === 'string' ? { name, version } : null
}

export interface RpcError {
  jsonrpc: '2.0'
  id: string | number | null
  error: { code: number; message: string; data?: Fields }
}

export function rpcError(
  id: string | number | null,
  { code, message, data }: Pick<GateError, 'code' | 'message'> & { data?: Fields },
): RpcError {
  return { jsonrpc: '2.0', id, error: { code, message, ...(data ? { data } : {}) } }
}
