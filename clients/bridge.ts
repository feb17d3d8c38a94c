import type { Entry } from './client.ts'
import type { McpServer } from './mcp-server.ts'

/** For clients that start a program and speak with it: it passes everything on, and adds the token. */
export function bridgeEntry({ url }: McpServer): Entry {
  return { command: 'npx', args: ['-y', 'forge-pat', 'bridge', url] }
}

export const BRIDGE_SECRET =
  'Run `npx forge-pat login` once. `forge-pat bridge` takes the token from where that keeps it.'
