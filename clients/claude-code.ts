import type { McpClient } from './client.ts'
import { bearer, beforeStarting, TOKEN_VARIABLE } from './mcp-server.ts'

/**
 * Expands `${NAME}` in headers, and takes headers from a command that it runs for a server that the person trusts. The
 * command is a line for a shell, so no address is in it: Claude Code tells that in a variable.
 */
export const claudeCode: McpClient = {
  id: 'claude-code',
  name: 'Claude Code',
  format: 'json',
  projectFile: '.mcp.json',
  userFile: { linux: '~/.claude.json', darwin: '~/.claude.json', win32: '~/.claude.json' },
  serversKey: 'mcpServers',
  entry: ({ url }) => ({ type: 'http', url, headers: { Authorization: `Bearer \${${TOKEN_VARIABLE}}` } }),
  entryWithToken: ({ url }, token) => ({ type: 'http', url, headers: bearer(token) }),
  secret: beforeStarting('Claude Code'),
  byCommand: {
    entry: ({ url }) => ({ type: 'http', url, headersHelper: 'npx -y forge-pat header' }),
    secret: 'Claude Code asks `forge-pat header` for the token, which gives it for the instances that it reaches only.',
  },
}
