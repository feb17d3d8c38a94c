import type { McpServer } from './mcp-server.ts'

/** A tool node for each server, as n8n takes it from the clipboard onto its canvas. It keeps credentials apart from these. */
export function n8nNodes(servers: readonly McpServer[]): string {
  const nodes = servers.map(({ name, url }, index) => ({
    name,
    type: '@n8n/n8n-nodes-langchain.mcpClientTool',
    typeVersion: 1.1,
    position: [0, index * 200],
    parameters: { endpointUrl: url, serverTransport: 'httpStreamable', authentication: 'bearerAuth', options: {} },
  }))
  return `${JSON.stringify({ nodes, connections: {} }, null, 2)}\n`
}
