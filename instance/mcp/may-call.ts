import { SCOPES } from '../../forge/contract/introspection.ts'
import type { Role } from '../../forge/contract/role.ts'
import {
  neededRole,
  TOOL_CHECKS,
  toolRequirement,
  type ToolCheckName,
  type ToolHints,
  type ToolOverride,
} from '../../forge/contract/tool.ts'
import type { Caller } from '../caller.ts'

/** A tool as `tools/list` describes it, as far as the gate looks. */
export interface DescribedTool {
  name: string
  annotations?: ToolHints | undefined
}

export type Permission =
  | { allowed: true }
  /** `reason` is for the person behind the caller; `needed` is what would do, if the rule is about that. */
  | { allowed: false; rule: ToolCheckName; reason: string; needed: { role: Role; scope: string } }

type CallerFacts = Pick<Caller, 'role' | 'readOnly' | 'tools'> & { user: Pick<Caller['user'], 'userId'> }

/**
 * Whether a caller may call a tool. Pure; used for what is offered and for what is called.
 * @param override what the owners of the team have said of it; its hints decide without
 */
export function mayCall(
  { user, role, readOnly, tools }: CallerFacts,
  { name, annotations }: DescribedTool,
  override: ToolOverride | null = null,
): Permission {
  const judged = { name, hints: annotations, override }
  const caller = { userId: user.userId, role: role.name, readOnly, tools }

  for (const check of TOOL_CHECKS) {
    const reason = check.refuse(caller, judged)
    if (reason !== null) return { allowed: false, rule: check.name, reason, needed: neededFor(judged) }
  }
  return { allowed: true }
}

function neededFor(tool: { name: string; hints: ToolHints | undefined; override: ToolOverride | null }) {
  const { writes } = toolRequirement(tool.hints)
  return { role: neededRole(tool), scope: writes ? SCOPES.write : SCOPES.read }
}

/** JSON-RPC error codes of what the gate refuses; from the range that is left to servers. */
export const TOOL_FORBIDDEN = -32003
export const GATE_UNAVAILABLE = -32004

/** An error that an MCP server answers as it is: both lines of the SDK take code and data from it. */
export class GateError extends Error {
  override name = 'GateError'
  readonly code: number
  readonly data: Record<string, unknown>

  constructor(code: number, message: string, data: Record<string, unknown> = {}) {
    super(message)
    this.code = code
    this.data = data
  }
}

/** Says why, what would be needed, and that trying again is of no use, in a form that a model can act on. */
export function refuseCall(
  tool: Pick<DescribedTool, 'name'>,
  { rule, reason, needed }: Extract<Permission, { allowed: false }>,
): GateError {
  const message = `${reason} Do not call it again; tell the person who uses you.`
  return new GateError(TOOL_FORBIDDEN, message, { tool: tool.name, rule, needed })
}
