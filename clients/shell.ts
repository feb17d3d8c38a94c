import type { Platform } from './client.ts'
import { TOKEN_VARIABLE, type McpServer } from './mcp-server.ts'

/** What every MCP server answers to a client that it knows. */
const HELLO = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'curl', version: '1' } },
})
const ACCEPT = 'application/json, text/event-stream'

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`
const quotedForPowerShell = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Puts the token into the variable without leaving it in the history of the shell: it is typed, not written. */
export function secretCommand(platform: Platform): string {
  if (platform === 'win32') return `$env:${TOKEN_VARIABLE} = Read-Host -MaskInput 'Token'`
  return `printf 'Token: ' && read -rs ${TOKEN_VARIABLE} && export ${TOKEN_VARIABLE}`
}

/** One line that says hello to a server. The token goes in by the input: other users can read command lines. */
export function proofCommand({ url }: McpServer, platform: Platform): string {
  if (platform === 'win32') {
    const headers = `@{ Authorization = "Bearer $env:${TOKEN_VARIABLE}"; Accept = ${quotedForPowerShell(ACCEPT)} }`
    const rest = `-ContentType 'application/json' -Body ${quotedForPowerShell(HELLO)}`
    return `Invoke-RestMethod -Method Post -Uri ${quotedForPowerShell(url)} -Headers ${headers} ${rest}`
  }
  const headers = `-H @- -H 'Content-Type: application/json' -H ${quoted(`Accept: ${ACCEPT}`)}`
  const token = `printf 'Authorization: Bearer %s' "$${TOKEN_VARIABLE}"`
  return `${token} | curl -sS ${headers} -d ${quoted(HELLO)} ${quoted(url)}`
}

/** The same for each server, to begin a script with. */
export const scriptFor = (servers: readonly McpServer[], platform: Platform): string =>
  servers.map((server) => `# ${server.name}\n${proofCommand(server, platform)}\n`).join('\n')
