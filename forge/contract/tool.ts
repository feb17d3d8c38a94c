import type { Role } from './role.ts'

/** The hints of MCP's ToolAnnotations that rules look at; typed so that an SDK's annotations fit. */
export interface ToolHints {
  readOnlyHint?: boolean | undefined
  destructiveHint?: boolean | undefined
  openWorldHint?: boolean | undefined
}

export interface ToolRequirement {
  role: Role
  /** Whether calling it changes something, so that a read-only token may not. */
  writes: boolean
}

/**
 * What a tool asks of its caller unless an owner says otherwise. Hints mean what the MCP specification says:
 * `destructiveHint` is meaningless on a read-only tool and true when absent.
 * A write is at least member, so `openWorldHint` on a write asks nothing more.
 */
export function toolRequirement(hints: ToolHints = {}): ToolRequirement {
  if (hints.readOnlyHint === true) return { role: 'viewer', writes: false }
  return { role: hints.destructiveHint === false ? 'member' : 'owner', writes: true }
}
