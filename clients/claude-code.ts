import { asJson, perServer, TOKEN_VARIABLE, type ClientConfig, type McpServer } from './mcp-server.ts'

/** Claude Code expands `${NAME}` in the headers of a project's `.mcp.json`. */
export function claudeCodeConfig(servers: readonly McpServer[]): ClientConfig {
  return {
    client: 'Claude Code',
    file: '.mcp.json',
    text: asJson({
      mcpServers: perServer(servers, ({ url }) => ({
        type: 'http',
        url,
        headers: { Authorization: `Bearer \${${TOKEN_VARIABLE}}` },
      })),
    }),
    secret: `Put the token into the environment variable ${TOKEN_VARIABLE} before you start Claude Code.`,
  }
}
