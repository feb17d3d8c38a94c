import { Ajv } from 'ajv'

import { ReportedToolSchema, type ReportedServer, type ReportedTool } from '../../forge/contract/tool-registry.ts'
import type { DescribedTool } from './may-call.ts'

const MAX_TITLE = 200
const MAX_DESCRIPTION = 4_000

const isReported = new Ajv().compile<ReportedTool>(ReportedToolSchema)

/** A server as the forge takes it: texts clipped, and without tools whose names are too strange to be kept. */
export function reportedServer(path: string, name: string, tools: readonly DescribedTool[]): ReportedServer {
  const all = tools.map(reportedTool).filter((tool) => isReported(tool))
  return { path, name: clip(visible(name), MAX_TITLE) || path, tools: all }
}

function reportedTool(
  tool: DescribedTool & { title?: unknown; description?: unknown; inputSchema?: unknown },
): unknown {
  const { name, title, description, inputSchema, annotations } = tool
  return {
    name,
    ...(typeof title === 'string' ? { title: clip(title, MAX_TITLE) } : {}),
    ...(typeof description === 'string' ? { description: clip(description, MAX_DESCRIPTION) } : {}),
    ...(typeof inputSchema === 'object' && inputSchema !== null ? { inputSchema } : {}),
    ...(annotations ? { annotations: knownHints(annotations as Record<string, unknown>) } : {}),
  }
}

const HINTS = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint']

function knownHints({ title, ...hints }: Record<string, unknown>): Record<string, unknown> {
  const known = Object.entries(hints).filter(([name, value]) => HINTS.includes(name) && typeof value === 'boolean')
  return { ...(typeof title === 'string' ? { title: clip(title, MAX_TITLE) } : {}), ...Object.fromEntries(known) }
}

/** Cut between characters, not inside of one. */
export function clip(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/[\ud800-\udbff]$/, '')
}

/** Without what a name must not have: see NameSchema. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, ' ').trim()
}
