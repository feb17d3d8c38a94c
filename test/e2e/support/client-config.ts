/** An MCP server as a client uses it once it has put the secret in the place of its name. */
export interface ConfiguredServer {
  url: string
  headers: Record<string, string>
}

interface ConfigFile {
  /** Claude Code and Cursor. */
  mcpServers?: Record<string, ConfiguredServer>
  /** VS Code, with what it asks people for. */
  servers?: Record<string, ConfiguredServer>
  inputs?: { id: string; type: string; password: boolean }[]
}

/** `${NAME}` of Claude Code, `${env:NAME}` of Cursor, `${input:id}` of VS Code. */
const REFERENCE = /\$\{(?:(env|input):)?([\w-]+)\}/g

/**
 * Reads a config file as its client does.
 * @param secret what the person has put where the file points to: an environment variable, or a prompt's answer
 * @throws {Error} for a config that a client could not use
 */
export function readConfig(text: string, secret: string): ConfiguredServer {
  const { mcpServers, servers, inputs = [] } = JSON.parse(text) as ConfigFile
  const [server, ...others] = Object.values(mcpServers ?? servers ?? {})
  if (!server || others.length > 0) throw new Error(`not one server in ${text}`)

  const resolve = (value: string) =>
    value.replace(REFERENCE, (reference, kind: string | undefined, name: string) => {
      const isAskedFor = inputs.some((input) => input.id === name && input.type === 'promptString' && input.password)
      if (kind === 'input' ? isAskedFor : name === 'FORGE_TOKEN') return secret
      throw new Error(`nothing stands behind ${reference}`)
    })
  const headers = Object.entries(server.headers).map(([name, value]) => [name, resolve(value)])
  return { url: server.url, headers: Object.fromEntries(headers) as Record<string, string> }
}
