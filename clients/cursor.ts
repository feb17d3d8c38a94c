import { asJson, perServer, TOKEN_VARIABLE, type ClientConfig, type McpServer } from './mcp-server.ts'

/** Cursor expands `${env:NAME}` in headers. */
export function cursorConfig(servers: readonly McpServer[]): ClientConfig {
  return {
    client: 'Cursor',
    file: '.cursor/mcp.json',
    text: asJson({
      mcpServers: perServer(servers, ({ url }) => ({
        url,
        headers: { Authorization: `Bearer \${env:${TOKEN_VARIABLE}}` },
      })),
    }),
    secret: `Put the token into the environment variable ${TOKEN_VARIABLE} before you start Cursor.`,
  }
}
