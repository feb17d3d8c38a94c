import { createHash } from 'node:crypto'
import { join } from 'node:path'

import type { ForgeApi } from '../forge-api.ts'
import { TOOL_SET_LIMIT_BYTES, type ReportedServer } from '../../forge/contract/tool-registry.ts'
import { readState, writeState } from '../state-file.ts'
import { troubleLog } from '../trouble.ts'
import { createWorker } from '../worker.ts'
import type { DescribedTool } from './may-call.ts'
import { reportedServer } from './reported-tools.ts'

/** Which tools the MCP servers of this instance have, and what they say about themselves. */
export interface ToolRegistry {
  /** The whole set of a server; takes the place of what was known of it. */
  declare(path: string, server: { name: string; tools: readonly DescribedTool[] }): void
  /** The server is gone. */
  withdraw(path: string): void
  /** Tools that a server has described to somebody. `keep` outlives the process: for servers that cannot be asked. */
  learn(path: string, tools: readonly DescribedTool[], options: { name?: string; keep: boolean }): void
  find(path: string, name: string): DescribedTool | null
  toolsOf(path: string): DescribedTool[]
  /** Tells the forge again what is there. */
  report(): void
  close(): void
}

interface RegistryOptions {
  stateFolder: string | null
  owner: string
  log: (message: string) => void
}

interface KnownServer {
  name: string
  tools: Map<string, DescribedTool>
  keep: boolean
}

const PATH = '/api/v1/instance/tools'
/** A deploy takes servers and tools away and brings them back one by one. */
const SETTLE_MS = 1_000
/** As many as are reported. A server that is more inventive pushes out what it said first. */
const MAX_TOOLS = 500
const MAX_SERVERS = 50

export function holdToolRegistry(forge: ForgeApi, { stateFolder, owner, log }: RegistryOptions): ToolRegistry {
  const path = stateFolder === null ? null : join(stateFolder, 'known-tools.json')
  const servers = path === null ? new Map<string, KnownServer>() : readKept(path, owner)
  let hasSomethingToSay = false
  let settling: NodeJS.Timeout | undefined

  const worker = createWorker(
    () => send(forge, servers),
    troubleLog(log, {
      unexpected: 'Telling the forge about the tools failed unexpectedly.',
      over: 'The forge knows the tools again.',
    }),
  )

  function changed(): void {
    hasSomethingToSay = true
    clearTimeout(settling)
    settling = setTimeout(settled, SETTLE_MS)
    settling.unref()
  }

  function settled(): void {
    worker.wake()
    if (path !== null) keep(path, owner, servers, log)
  }

  return {
    declare: (server, { name, tools }) => {
      servers.set(server, { name, tools: new Map(tools.map((tool) => [tool.name, tool])), keep: false })
      changed()
    },
    withdraw: (server) => {
      if (servers.delete(server)) changed()
    },
    learn: (server, tools, { name, keep }) => {
      const known = servers.get(server) ?? { name: name ?? server, tools: new Map<string, DescribedTool>(), keep }
      servers.set(server, known)
      if (tools.filter((tool) => remember(known.tools, tool)).length > 0) changed()
    },
    find: (server, name) => servers.get(server)?.tools.get(name) ?? null,
    toolsOf: (server) => [...(servers.get(server)?.tools.values() ?? [])],
    report: () => {
      if (hasSomethingToSay) void worker.hurry()
    },
    close: () => {
      clearTimeout(settling)
      worker.close()
    },
  }
}

/** True when that is news. */
function remember(tools: Map<string, DescribedTool>, tool: DescribedTool): boolean {
  if (JSON.stringify(tools.get(tool.name)) === JSON.stringify(tool)) return false

  tools.delete(tool.name)
  tools.set(tool.name, tool)
  for (const first of tools.keys()) {
    if (tools.size <= MAX_TOOLS) break
    tools.delete(first)
  }
  return true
}

/** A set that the forge has already costs one request without a body. @throws {ForgeUnavailableError} */
async function send(forge: ForgeApi, servers: ReadonlyMap<string, KnownServer>): Promise<void> {
  const set = toolSet(servers)
  const known = await forge(PATH, { method: 'PUT', headers: { 'if-match': `"${set.hash}"` }, expect: [200, 204, 412] })
  await known.body?.cancel()
  if (known.status !== 412) return

  const headers = { 'content-type': 'application/json' }
  const taken = await forge(PATH, { method: 'PUT', headers, body: JSON.stringify(set), expect: [200, 204] })
  await taken.body?.cancel()
}

function toolSet(servers: ReadonlyMap<string, KnownServer>): { hash: string; servers: ReportedServer[] } {
  const all = [...servers]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .slice(0, MAX_SERVERS)
    .map(([path, { name, tools }]) => reportedServer(path, name, [...tools.values()].slice(0, MAX_TOOLS)))
  const fitting = Buffer.byteLength(JSON.stringify(all)) < TOOL_SET_LIMIT_BYTES - 1_000 ? all : withoutSchemas(all)
  return { hash: createHash('sha256').update(JSON.stringify(fitting)).digest('base64url'), servers: fitting }
}

/** What decides about a call is what must arrive. */
function withoutSchemas(servers: readonly ReportedServer[]): ReportedServer[] {
  return servers.map((server) => ({
    ...server,
    tools: server.tools.map(({ name, annotations }) => ({ name, ...(annotations ? { annotations } : {}) })),
  }))
}

interface KeptServer {
  path: string
  name: string
  tools: DescribedTool[]
}

function readKept(path: string, owner: string): Map<string, KnownServer> {
  const file = readState(path) as { owner?: unknown; servers?: KeptServer[] } | null
  if (file?.owner !== owner || !Array.isArray(file.servers)) return new Map()

  return new Map(
    file.servers.map(({ path: server, name, tools }) => [
      server,
      { name, tools: new Map(tools.map((tool) => [tool.name, tool])), keep: true },
    ]),
  )
}

function keep(
  path: string,
  owner: string,
  servers: ReadonlyMap<string, KnownServer>,
  log: (message: string) => void,
): void {
  const kept = [...servers].filter(([, server]) => server.keep)
  if (kept.length === 0) return
  try {
    const all = kept.map(([server, { name, tools }]) => ({ path: server, name, tools: [...tools.values()] }))
    writeState(path, { owner, servers: all })
  } catch (error) {
    log(`The known tools cannot be kept in ${path}: ${(error as Error).message}`)
  }
}
