import { dispatcherOf } from './dispatcher.ts'
import { serveMcp, type OfferedTool } from './endpoint.ts'
import type { Red, RedNode } from './red.ts'

interface ServerConfig {
  name: string
  path: string
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
    servers.set(this, serverWith(tools))

    try {
      const unmount = mount(RED, config, tools)
      this.on('close', unmount)
    } catch (error) {
      this.error((error as Error).message)
    }
  })
}

function serverWith(tools: OfferedTool[]): McpServer {
  return {
    addTool: (added) => {
      if (tools.some(({ tool }) => tool.name === added.tool.name)) return false
      tools.push(added)
      return true
    },
    removeTool: (removed) => {
      const index = tools.indexOf(removed)
      if (index !== -1) tools.splice(index, 1)
    },
  }
}

/** @throws {Error} with a sentence for the author of the flow */
function mount(RED: Red, { name, path }: ServerConfig, tools: readonly OfferedTool[]): () => void {
  if (!RED.httpNode) throw new Error('Flows serve no HTTP here: httpNodeRoot is false in the settings file.')
  if (!/^\/[\w\-./~]*$/.test(path)) throw new Error(`"${path}" is no path for an MCP server; write one like /mcp.`)

  const dispatcher = dispatcherOf(RED, RED.httpNode)
  const endpoint = { name: name || 'Node-RED', tools: () => tools }
  const added = dispatcher.add(path, (request, response) => {
    serveMcp(endpoint, request, response).catch((error: unknown) => {
      RED.log.error(`forge-pat: an MCP request failed: ${String(error)}`)
      response.destroy()
    })
  })
  if (!added) throw new Error(`Another MCP server has the path ${path}. Give this one its own.`)

  return () => dispatcher.remove(path)
}
