import { ROLE_LEVELS } from './role-levels.ts'
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

/** What the owners of a team have said of one tool, as far as it decides who may call it. */
export interface ToolOverride {
  off: boolean
  /** Takes the place of the default by hints; null leaves that. */
  minimumRole: Role | null
  /** Only these people, who still need the role; null for everybody. */
  people: readonly string[] | null
}

export interface JudgedTool {
  name: string
  hints?: ToolHints | undefined
  override?: ToolOverride | null | undefined
}

/** Who wants to call: the person, and what the token is worth at the instance now. */
export interface ToolCaller {
  userId: string
  role: Role
  readOnly: boolean
  /** Names of the tools that the token is limited to; null for no such limit. */
  tools: readonly string[] | null
}

export type ToolCheckName = 'tool_on' | 'tool_listed' | 'tool_person' | 'tool_role' | 'tool_read_only'

/** Looks at one thing; a string says why not. */
export interface ToolCheck {
  name: ToolCheckName
  refuse(caller: ToolCaller, tool: JudgedTool): string | null
}

/** The role that a tool asks for, by its owners' word or by its hints. */
export function neededRole({ hints, override }: JudgedTool): Role {
  return override?.minimumRole ?? toolRequirement(hints).role
}

/**
 * Who may call which tool, in the order in which it is looked at. Here and nowhere else: the access decision of the
 * forge and the gate of an instance, which must hold while the forge is away, both walk this list.
 */
export const TOOL_CHECKS: readonly ToolCheck[] = [
  {
    name: 'tool_on',
    refuse: (_caller, { name, override }) => (override?.off ? `The tool ${name} is switched off.` : null),
  },
  {
    name: 'tool_listed',
    refuse: ({ tools }, { name }) =>
      tools === null || tools.includes(name) ? null : `The token is limited to other tools than ${name}.`,
  },
  {
    name: 'tool_person',
    refuse: ({ userId }, { name, override }) =>
      !override?.people || override.people.includes(userId) ? null : `The tool ${name} is for certain people only.`,
  },
  {
    name: 'tool_role',
    refuse: ({ role }, tool) => {
      const needed = neededRole(tool)
      return ROLE_LEVELS[role] >= ROLE_LEVELS[needed]
        ? null
        : `The tool ${tool.name} needs the role ${needed}; this token counts as ${role} here.`
    },
  },
  {
    name: 'tool_read_only',
    refuse: ({ readOnly }, { name, hints }) =>
      readOnly && toolRequirement(hints).writes
        ? `The tool ${name} changes something and this token is read-only.`
        : null,
  },
]
