import type { McpClient } from './client.ts'
import { bearer } from './mcp-server.ts'

const INPUT_ID = 'forge-token'

/** Asks for a `promptString` input once and keeps it in its secret storage. */
export const vsCode: McpClient = {
  id: 'vs-code',
  name: 'VS Code',
  format: 'json',
  projectFile: '.vscode/mcp.json',
  userFile: {
    linux: '~/.config/Code/User/mcp.json',
    darwin: '~/Library/Application Support/Code/User/mcp.json',
    win32: '%APPDATA%/Code/User/mcp.json',
  },
  serversKey: 'servers',
  prompts: [{ type: 'promptString', id: INPUT_ID, description: 'Forge access token', password: true }],
  entry: ({ url }) => ({ type: 'http', url, headers: { Authorization: `Bearer \${input:${INPUT_ID}}` } }),
  entryWithToken: ({ url }, token) => ({ type: 'http', url, headers: bearer(token) }),
  secret: 'VS Code asks for the token when it first starts the server, and keeps it in its secret storage.',
}
