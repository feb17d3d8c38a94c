import { claudeCode } from '../../clients/claude-code.ts'
import { configFor } from '../../clients/client.ts'
import { cursor } from '../../clients/cursor.ts'
import { mcpServers } from '../../clients/mcp-server.ts'
import { vsCode } from '../../clients/vs-code.ts'
import type { Sample } from './sample.ts'
import { HTTP_PATH, MCP_PATH } from './tools.ts'

/** What to do with a sample that has been started. The secret is in no config: it is referred to. */
export function instructions({ forge, instance, team, alice, bob, admin, editor }: Sample): string {
  const configs = [claudeCode, vsCode, cursor].map((client) => configFor(client, mcpServers([instance], MCP_PATH)))

  return `
  The forge        ${forge.url}
                   alice  ${alice.password}   owner of the team ${team.name}
                   bob    ${bob.password}   viewer in it
                   admin  ${admin.password}   runs the platform
  The instance     ${instance.url}
                   MCP at ${MCP_PATH}, a plain HTTP endpoint at ${HTTP_PATH}
  Its flow editor  ${editor.url}
                   ${editor.username} ${editor.password}

  1. Sign in at the forge as alice, and go to Settings, Access tokens.
  2. Mint a token: a name, the role owner, not read-only, and the instance ${instance.name}. Copy it; it is shown once.
  3. Give it to a client, and ask: who am I on the packing line?

${configs.map(({ client, file, text, secret }) => `  ${client}: ${file}\n  ${secret}\n\n${indent(text)}`).join('\n')}
  Or by hand:      curl -H "Authorization: Bearer $FORGE_TOKEN" ${instance.url}${HTTP_PATH}

  Then see what bob is offered, what a read-only token may do, and how soon a revoked one is forgotten.
  Ctrl-C stops both and forgets everything.
`
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '    ')
}
