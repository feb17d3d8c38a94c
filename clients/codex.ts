import type { McpClient } from './client.ts'
import { beforeStarting, TOKEN_VARIABLE } from './mcp-server.ts'

const FILE = '~/.codex/config.toml'

/** Takes the name of the variable, not a header: it refuses a token in the file, and overlooks a table `headers`. */
export const codex: McpClient = {
  id: 'codex',
  name: 'Codex',
  format: 'toml',
  projectFile: '.codex/config.toml',
  userFile: { linux: FILE, darwin: FILE, win32: FILE },
  serversKey: 'mcp_servers',
  entry: ({ url }) => ({ url, bearer_token_env_var: TOKEN_VARIABLE }),
  secret: beforeStarting('Codex'),
}
