import type { Caller } from '../caller.ts'
import type { OfferedTool } from './endpoint.ts'

/**
 * A tool that says who calls, as what, what this token can call here, and when it ends: for the person who wonders why
 * a tool is missing.
 * @param callable names of the tools of this server that a caller may call
 */
export function whoamiTool(callable: (caller: Caller) => string[]): OfferedTool {
  return {
    tool: {
      name: 'whoami',
      title: 'Who am I',
      description:
        'Says which person this connection acts for, with which role in which team, which tools of this server it may ' +
        'call, and when its access token ends.',
      inputSchema: { type: 'object', properties: {}, additionalProperties: false },
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    },
    timeoutMs: 1_000,
    complain: (args) =>
      Object.keys(args as object).length === 0 ? null : 'The arguments do not fit the input schema: there are none.',
    run: ({ caller }) => {
      const about = describe(caller, callable(caller))
      const text = JSON.stringify(about, null, 2)
      return Promise.resolve({ content: [{ type: 'text', text }], structuredContent: about })
    },
  }
}

function describe({ user, team, role, readOnly, tokenId, expiresAt }: Caller, tools: string[]) {
  return {
    user: { userId: user.userId, username: user.username, name: user.name },
    team: { slug: team.slug, name: team.name },
    role: role.name,
    readOnly,
    tools,
    token: { id: tokenId, expiresAt },
  }
}
