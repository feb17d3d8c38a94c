import { BRIDGE_SECRET, bridgeEntry } from './bridge.ts'
import type { McpClient } from './client.ts'

/** Passes over an entry with an address: it only starts programs, so a bridge stands between. */
export const claudeDesktop: McpClient = {
  id: 'claude-desktop',
  name: 'Claude Desktop',
  format: 'json',
  projectFile: null,
  userFile: {
    linux: '~/.config/Claude/claude_desktop_config.json',
    darwin: '~/Library/Application Support/Claude/claude_desktop_config.json',
    win32: '%APPDATA%/Claude/claude_desktop_config.json',
  },
  serversKey: 'mcpServers',
  entry: bridgeEntry,
  secret: BRIDGE_SECRET,
}
