import { routeKey } from '../connect.ts'
import type { ForgeLink } from '../forge-link.ts'
import { dispatcherOf } from './dispatcher.ts'
import { serveMcp, type EndpointOptions, type OfferedTool } from './endpoint.ts'
import { guardOf } from './guard.ts'
import type { Red, RedNode } from './red.ts'
import { whoamiTool } from './whoami.ts'

interface ServerConfig {
  name: string
  path: string
  /** Absent in flows that were saved before there was one. */
  whoami?: boolean
}

/** What tool nodes need of their server. */
export interface McpServer {
  /** False when a tool of this name is there already; the first one stays. */
  addTool(tool: OfferedTool): boolean
  removeTool(tool: OfferedTool): void
}

const servers = new WeakMap<object, McpServer>()

/** The server that a node of this type stands for; null for other nodes and for none. */
export function serverOf(node: object | null): McpServer | null {
  return (node && servers.get(node)) ?? null
}

/** `forge-mcp-server`: a configuration node that serves its tools at one path. */
export function registerServerNode(RED: Red): void {
  // Now, before any flow starts, so that no route of a flow stands in front of it.
  if (RED.httpNode) dispatcherOf(RED, RED.httpNode)

  RED.nodes.registerType('forge-mcp-server', function (this: RedNode, config: ServerConfig) {
    RED.nodes.createNode(this, config)
    const tools: OfferedTool[] = []
    const endpoint = endpointOf(RED, config, tools)
    let isMounted = false
    const declare = () => {
      if (!isMounted) return
      const link = guardOf(RED)?.link
      link?.registry.declare(endpoint.path, {
        name: endpoint.name,
        tools: endpoint.tools(link).map(({ tool }) => tool),
      })
    }
    servers.set(this, serverWith(tools, declare))

    try {
      const unmount = mount(RED, config, endpoint)
      isMounted = true
      declare()
      this.on('close', () => {
        isMounted = false
        unmount()
        guardOf(RED)?.link.registry.withdraw(endpoint.path)
      })
    } catch (error) {
      this.error((error as Error).message)
    }
  })
}

function endpointOf(
  { log }: Red,
  { name, path, whoami = true }: ServerConfig,
  own: readonly OfferedTool[],
): EndpointOptions {
  const server = routeKey(path)
  const tools = (link: ForgeLink): readonly OfferedTool[] => {
    // A tool of the flow's own that is called so stays what it is.
    if (!whoami || own.some(({ tool }) => tool.name === 'whoami')) return own

    const all: OfferedTool[] = [...own]
    all.push(
      whoamiTool((caller) =>
        link.gate
          .offeredTo(
            caller,
            server,
            all.map(({ tool }) => tool),
          )
          .map((tool) => tool.name),
      ),
    )
    return all
  }
  return { name: name || 'Node-RED', path: server, tools, log: (message) => log.warn(`forge-pat: ${message}`) }
}

function serverWith(tools: OfferedTool[], declare: () => void): McpServer {
  return {
    addTool: (added) => {
      if (tools.some(({ tool }) => tool.name === added.tool.name)) return false
      tools.push(added)
      declare()
      return true
    },
    removeTool: (removed) => {
      const index = tools.indexOf(removed)
      if (index === -1) return
      tools.splice(index, 1)
      declare()
    },
  }
}

/** @throws {Error} with a sentence for the author of the flow */
function mount(RED: Red, { path }: ServerConfig, endpoint: EndpointOptions): () => void {
  if (!RED.httpNode) throw new Error('Flows serve no HTTP here: httpNodeRoot is false in the settings file.')
  if (!/^\/[\w\-./~]*$/.test(path)) throw new Error(`"${path}" is no path for an MCP server; write one like /mcp.`)

  const dispatcher = dispatcherOf(RED, RED.httpNode)
  const added = dispatcher.add(path, (request, response) => {
    serveMcp(endpoint, request, response).catch((error: unknown) => {
      RED.log.error(`forge-pat: an MCP request failed: ${String(error)}`)
      response.destroy()
    })
  })
  if (!added) throw new Error(`Another MCP server has the path ${path}. Give this one its own.`)

  return () => dispatcher.remove(path)
}
