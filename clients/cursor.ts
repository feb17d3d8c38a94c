import type { McpClient } from './client.ts'
import { bearer, beforeStarting, TOKEN_VARIABLE } from './mcp-server.ts'

/** Expands `${env:NAME}` in headers. */
export const cursor: McpClient = {
  id: 'cursor',
  name: 'Cursor',
  format: 'json',
  projectFile: '.cursor/mcp.json',
  userFile: { linux: '~/.cursor/mcp.json', darwin: '~/.cursor/mcp.json', win32: '~/.cursor/mcp.json' },
  serversKey: 'mcpServers',
  entry: ({ url }) => ({ url, headers: { Authorization: `Bearer \${env:${TOKEN_VARIABLE}}` } }),
  entryWithToken: ({ url }, token) => ({ url, headers: bearer(token) }),
  secret: beforeStarting('Cursor'),
}
