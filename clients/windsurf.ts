import type { McpClient } from './client.ts'
import { bearer, beforeStarting, TOKEN_VARIABLE } from './mcp-server.ts'

const FILE = '~/.codeium/windsurf/mcp_config.json'

/** Wants `serverUrl` where others want `url`, and expands `${env:NAME}` in headers. */
export const windsurf: McpClient = {
  id: 'windsurf',
  name: 'Windsurf',
  format: 'json',
  projectFile: null,
  userFile: { linux: FILE, darwin: FILE, win32: FILE },
  serversKey: 'mcpServers',
  entry: ({ url }) => ({ serverUrl: url, headers: { Authorization: `Bearer \${env:${TOKEN_VARIABLE}}` } }),
  entryWithToken: ({ url }, token) => ({ serverUrl: url, headers: bearer(token) }),
  secret: beforeStarting('Windsurf'),
}
