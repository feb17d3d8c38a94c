import { asJson, perServer, type ClientConfig, type McpServer } from './mcp-server.ts'

const INPUT_ID = 'forge-token'

/** VS Code asks for a `promptString` input once and keeps it in its secret storage. */
export function vsCodeConfig(servers: readonly McpServer[]): ClientConfig {
  return {
    client: 'VS Code',
    file: '.vscode/mcp.json',
    text: asJson({
      inputs: [{ type: 'promptString', id: INPUT_ID, description: 'Forge access token', password: true }],
      servers: perServer(servers, ({ url }) => ({
        type: 'http',
        url,
        headers: { Authorization: `Bearer \${input:${INPUT_ID}}` },
      })),
    }),
    secret: 'VS Code asks for the token when it first starts the server, and keeps it in its secret storage.',
  }
}
