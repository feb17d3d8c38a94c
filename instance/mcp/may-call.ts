import { McpError } from '@modelcontextprotocol/sdk/types.js'

import { SCOPES } from '../../forge/contract/introspection.ts'
import { ROLE_LEVELS } from '../../forge/contract/role-levels.ts'
import type { Role } from '../../forge/contract/role.ts'
import { toolRequirement, type ToolHints } from '../../forge/contract/tool.ts'
import type { Caller } from '../caller.ts'

/** A tool as `tools/list` describes it, as far as the gate looks. */
export interface DescribedTool {
  name: string
  annotations?: ToolHints | undefined
}

export type Permission =
  | { allowed: true }
  /** `reason` is for the person behind the caller; `needed` is what would do. */
  | { allowed: false; reason: string; needed: { role: Role; scope: string } }

/** Whether a caller may call a tool. Pure; used for what is offered and for what is called. */
export function mayCall({ role, readOnly }: Pick<Caller, 'role' | 'readOnly'>, tool: DescribedTool): Permission {
  const { role: neededRole, writes } = toolRequirement(tool.annotations)
  const needed = { role: neededRole, scope: writes ? SCOPES.write : SCOPES.read }

  if (ROLE_LEVELS[role.name] < ROLE_LEVELS[neededRole]) {
    const reason = `The tool ${tool.name} needs the role ${neededRole}; this token counts as ${role.name} here.`
    return { allowed: false, reason, needed }
  }
  if (writes && readOnly) {
    const reason = `The tool ${tool.name} changes something and this token is read-only.`
    return { allowed: false, reason, needed }
  }
  return { allowed: true }
}

/** The tools that `tools/list` shows to a caller. */
export function offeredTo<Tool extends DescribedTool>(caller: Caller, tools: readonly Tool[]): Tool[] {
  return tools.filter((tool) => mayCall(caller, tool).allowed)
}

/** JSON-RPC error code of a call that the gate refuses; from the range that is left to servers. */
export const TOOL_FORBIDDEN = -32003

/** Says why, what would be needed, and that trying again is of no use, in a form that a model can act on. */
export function refuseCall(tool: DescribedTool, { reason, needed }: Extract<Permission, { allowed: false }>): McpError {
  return new McpError(TOOL_FORBIDDEN, `${reason} Do not call it again; tell the person who uses you.`, {
    tool: tool.name,
    needed,
  })
}
