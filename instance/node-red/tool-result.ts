import { isCallToolResult, type CallToolResult } from '@modelcontextprotocol/server'

import { failure } from './pending-calls.ts'
import type { Message } from './red.ts'

/**
 * What a message answers to a tool call.
 * - `msg.error` makes it an error; that is also what a catch node sets;
 * - a payload that is an MCP result already (`{ content: [...] }`) is taken as it is;
 * - text becomes text, an object becomes structured content with its JSON as text, nothing becomes nothing;
 * - a Buffer becomes an image or a sound, by `msg.mimeType`.
 * @throws {Error} a payload that no client could be sent, with a sentence for the author of the flow
 */
export function toolResult({ payload, error, mimeType }: Message): CallToolResult {
  if (error !== undefined && error !== null && error !== false) return failure(errorText(error))
  if (payload === undefined || payload === null) return { content: [] }
  if (Buffer.isBuffer(payload)) return { content: [media(payload, mimeType)] }
  if (typeof payload === 'string') return { content: [{ type: 'text', text: payload }] }

  const isReady = isObject(payload) && Array.isArray(payload['content']) && isCallToolResult(payload)
  return isReady ? payload : structured(payload)
}

function structured(payload: unknown): CallToolResult {
  // Undefined for what has no JSON, such as a function.
  const text = JSON.stringify(payload, null, 2) as string | undefined
  if (text === undefined) throw new Error(`A ${typeof payload} cannot be sent to a client.`)

  const value: unknown = JSON.parse(text)
  const content: CallToolResult['content'] = [{ type: 'text', text }]
  // The specification wants an object there, so a list or a number is text only.
  return isObject(value) ? { content, structuredContent: value } : { content }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function errorText(error: unknown): string {
  if (typeof error === 'string' && error !== '') return error
  const message = error instanceof Error || isObject(error) ? error.message : undefined
  return typeof message === 'string' && message !== '' ? message : 'The flow reported an error.'
}

function media(data: Buffer, mimeType: unknown): CallToolResult['content'][number] {
  const [, kind] = /^(image|audio)\/[\w.+-]+$/.exec(typeof mimeType === 'string' ? mimeType : '') ?? []
  if (!kind) throw new Error('A Buffer needs msg.mimeType, such as image/png; for text, convert it to a string first.')

  return { type: kind as 'image' | 'audio', data: data.toString('base64'), mimeType: String(mimeType) }
}
