import type { Entry, McpClient } from '../../clients/client.ts'
import type { McpServer } from '../../clients/mcp-server.ts'
import { CommandError } from '../command-error.ts'

/** What is to be in the file. */
export interface Addition {
  client: McpClient
  server: McpServer
  entry: Entry
}

/** A server that a config file names. */
export interface ConfiguredServer {
  name: string
  entry: Entry
}

/** The file can't be changed without the risk of losing something. It stays as it is. */
export class BrokenConfigError extends CommandError {}

/** Fields by which clients name the address of a server. */
const ADDRESS_FIELDS = ['url', 'serverUrl', 'httpUrl']

/** The address of the server behind an entry; that of a bridge is its argument. */
export function addressOf(entry: Entry): string | null {
  const field = ADDRESS_FIELDS.map((name) => entry[name]).find((value) => typeof value === 'string')
  if (typeof field === 'string') return field
  const args: unknown[] = Array.isArray(entry['args']) ? entry['args'] : []
  return args.find((arg): arg is string => typeof arg === 'string' && /^https?:\/\//.test(arg)) ?? null
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The servers in what a file holds. @throws {BrokenConfigError} */
export function serversIn(content: unknown, { serversKey }: McpClient): ConfiguredServer[] {
  if (!isRecord(content)) throw new BrokenConfigError('is not made of names and values')
  const servers = content[serversKey] === undefined ? {} : content[serversKey]
  if (!isRecord(servers)) throw new BrokenConfigError(`has something else than servers under "${serversKey}"`)
  return Object.entries(servers).flatMap(([name, entry]) => (isRecord(entry) ? [{ name, entry }] : []))
}
