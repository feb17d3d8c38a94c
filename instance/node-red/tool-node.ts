import type { Caller } from '../caller.ts'
import type { OfferedTool } from './endpoint.ts'
import type { PendingCalls } from './pending-calls.ts'
import type { Message, Red, RedNode } from './red.ts'
import { serverOf } from './server-node.ts'
import { compileTool, type ToolConfig } from './tool.ts'

/** `forge-mcp-tool`: starts a flow for each call of its tool. */
export function registerToolNode(RED: Red, calls: PendingCalls): void {
  RED.nodes.registerType('forge-mcp-tool', function (this: RedNode, config: ToolConfig) {
    RED.nodes.createNode(this, config)
    try {
      offer(RED, this, config, calls)
      this.status({})
    } catch (error) {
      const { message } = error as Error
      this.status({ fill: 'red', shape: 'ring', text: message })
      this.error(message)
    }
  })
}

/** @throws {Error} with a sentence for the author of the flow */
function offer(RED: Red, node: RedNode, config: ToolConfig, calls: PendingCalls): void {
  const server = serverOf(RED.nodes.getNode(config.server))
  if (!server) throw new Error('No MCP server is chosen for this tool.')

  const offered = withFlow(node, compileTool(config), calls)
  if (!server.addTool(offered)) throw new Error(`This server has another tool with the name ${config.name}.`)

  node.on('close', () => {
    server.removeTool(offered)
    calls.closeAllOf(node.id)
  })
}

function withFlow(node: RedNode, compiled: ReturnType<typeof compileTool>, calls: PendingCalls): OfferedTool {
  return {
    ...compiled,
    run: async ({ caller, args, request, signal }) => {
      const call = calls.open(node.id, { timeoutMs: compiled.timeoutMs, request, signal })
      node.send(callMessage(compiled.tool.name, args, caller, call.id))
      return call.result
    },
  }
}

/** `_client` is Dashboard 2's convention. There is no request in it: nothing of the token reaches a flow. */
function callMessage(topic: string, payload: Record<string, unknown>, caller: Caller, callId: string): Message {
  const { user, team, readOnly, tokenId, act } = caller
  return { topic, payload, _client: Object.freeze({ user, team, readOnly, tokenId, act }), _mcpCall: callId }
}
