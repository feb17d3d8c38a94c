import type { McpServer } from './mcp-server.ts'

export type Platform = 'linux' | 'darwin' | 'win32'

/** What stands under the name of a server. */
export type Entry = Record<string, unknown>

/** What a client asks its person for. */
export interface Prompt {
  id: string
  type: 'promptString'
  description: string
  password: true
}

/** An MCP client: which file it reads, and how a server stands in there. The token itself is never in it. */
export interface McpClient {
  /** As it is typed: `claude-code`. */
  id: string
  name: string
  format: 'json' | 'toml'
  /** In the folder of a project; null where the client reads none. */
  projectFile: string | null
  /** For everything that a person does. `~` is their home; `%APPDATA%` is where Windows keeps such files. */
  userFile: Record<Platform, string>
  /** Under which key the servers stand. */
  serversKey: string
  entry(server: McpServer): Entry
  /** With the token itself in it, for who insists; where the client takes one in its file at all. */
  entryWithToken?(server: McpServer, token: string): Entry
  /** What the client asks for, where it can. They stand under `inputs`. */
  prompts?: readonly Prompt[]
  /** How the client comes by the token. */
  secret: string
  /** Where the client can ask the `forge-pat` command for the token, which then is in no variable. */
  byCommand?: { entry(server: McpServer): Entry; secret: string }
}

/** The file that a client reads, and what goes into it. */
export interface ClientConfig {
  client: string
  file: string
  text: string
  secret: string
}

/** The whole file for servers of which a client knows nothing yet. */
export function configFor(client: McpClient, servers: readonly McpServer[]): ClientConfig {
  const write = client.format === 'json' ? jsonFor : tomlFor
  return {
    client: client.name,
    file: client.projectFile ?? client.userFile.darwin,
    text: write(client, servers),
    secret: client.secret,
  }
}

/** The same with the token itself in it; null for a client that takes none there. */
export function configWithToken(client: McpClient, servers: readonly McpServer[], token: string): ClientConfig | null {
  const { entryWithToken, prompts: _, ...rest } = client
  if (!entryWithToken) return null
  return configFor({ ...rest, entry: (server) => entryWithToken(server, token) }, servers)
}

function jsonFor({ prompts, serversKey, entry }: McpClient, servers: readonly McpServer[]): string {
  const entries = Object.fromEntries(servers.map((server) => [server.name, entry(server)]))
  return `${JSON.stringify({ ...(prompts ? { inputs: prompts } : {}), [serversKey]: entries }, null, 2)}\n`
}

function tomlFor(client: McpClient, servers: readonly McpServer[]): string {
  return servers.map((server) => tomlTable(client.serversKey, server.name, client.entry(server))).join('\n')
}

/** A table of texts. What JSON makes of a text and of a name is a basic string of TOML too. */
export function tomlTable(parent: string, name: string, entry: Entry): string {
  const key = /^[\w-]+$/.test(name) ? name : JSON.stringify(name)
  const lines = Object.entries(entry).map(([field, value]) => `${field} = ${JSON.stringify(value)}\n`)
  return `[${parent}.${key}]\n${lines.join('')}`
}
