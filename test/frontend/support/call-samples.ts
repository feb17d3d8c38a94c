import type { ToolCall, ToolCallPage } from '../../../forge/contract/tool-calls.ts'

export const toolCall = (changes: Partial<ToolCall> = {}): ToolCall => ({
  id: 'c1',
  at: '2026-11-23T08:59:30.000Z',
  user: { id: 'u2', username: 'bob' },
  token: { id: 'k1', name: 'Claude Code' },
  instance: { id: 'i1', name: 'packer' },
  server: '/mcp',
  tool: 'read_metrics',
  outcome: 'ok',
  reason: null,
  durationMs: 42,
  client: 'claude-code 2.1',
  address: '2001:db8::1',
  requestId: '7',
  arguments: null,
  ...changes,
})

export const callPage = (calls: ToolCall[], next?: string): { body: ToolCallPage } => ({
  body: { meta: next ? { next_cursor: next } : {}, count: calls.length, calls },
})
