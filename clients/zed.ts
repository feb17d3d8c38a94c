import { BRIDGE_SECRET, bridgeEntry } from './bridge.ts'
import type { McpClient } from './client.ts'
import { bearer } from './mcp-server.ts'

/** Knows addresses, but no way to refer to a secret in their headers: a bridge keeps the token out of the settings. */
export const zed: McpClient = {
  id: 'zed',
  name: 'Zed',
  format: 'json',
  projectFile: '.zed/settings.json',
  userFile: {
    linux: '~/.config/zed/settings.json',
    darwin: '~/.config/zed/settings.json',
    win32: '%APPDATA%/Zed/settings.json',
  },
  serversKey: 'context_servers',
  entry: bridgeEntry,
  entryWithToken: ({ url }, token) => ({ url, headers: bearer(token) }),
  secret: BRIDGE_SECRET,
}
