/** One MCP server as a client's config file names it. */
export interface McpServer {
  /** Key in the config file: lower-case letters, digits and hyphens. */
  name: string
  url: string
}

/** Where MCP is served on an instance unless its flow says otherwise. */
export const DEFAULT_MCP_PATH = '/mcp'

/** The name of the environment variable that the configs refer to. */
export const TOKEN_VARIABLE = 'FORGE_TOKEN'

/** What to do for a client that reads the variable. */
export const beforeStarting = (client: string): string =>
  `Put the token into the environment variable ${TOKEN_VARIABLE} before you start ${client}.`

/** The header that carries a token. */
export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })

/** The address of the MCP endpoint of an instance. @param path with or without its leading slash */
export function mcpUrl(instanceUrl: string, path: string): string {
  const base = instanceUrl.replace(/\/+$/, '')
  const tail = path.trim().replace(/^\/+/, '')
  return tail === '' ? base : `${base}/${tail}`
}

/** One server for each instance; names become keys that every client takes, and stay different from each other. */
export function mcpServers(instances: readonly { name: string; url: string }[], path = DEFAULT_MCP_PATH): McpServer[] {
  const taken = new Set<string>()
  return instances.map((instance) => ({
    name: claimKey(instance.name, taken),
    url: mcpUrl(instance.url, path),
  }))
}

function claimKey(name: string, taken: Set<string>): string {
  const stem = keyFor(name)
  let key = stem
  for (let n = 2; taken.has(key); n++) key = `${stem}-${n}`
  taken.add(key)
  return key
}

function keyFor(name: string): string {
  const key = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return key === '' ? 'instance' : key
}
