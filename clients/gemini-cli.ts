import type { McpClient } from './client.ts'
import { bearer, beforeStarting, TOKEN_VARIABLE } from './mcp-server.ts'

const FILE = '~/.gemini/settings.json'

/** Means streamable HTTP by `httpUrl` (`url` is SSE), and expands `${NAME}` in every text of its settings. */
export const geminiCli: McpClient = {
  id: 'gemini-cli',
  name: 'Gemini CLI',
  format: 'json',
  projectFile: '.gemini/settings.json',
  userFile: { linux: FILE, darwin: FILE, win32: FILE },
  serversKey: 'mcpServers',
  entry: ({ url }) => ({ httpUrl: url, headers: { Authorization: `Bearer \${${TOKEN_VARIABLE}}` } }),
  entryWithToken: ({ url }, token) => ({ httpUrl: url, headers: bearer(token) }),
  secret: beforeStarting('Gemini CLI'),
}
