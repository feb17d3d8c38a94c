import { failure, type PendingCalls } from './pending-calls.ts'
import type { Red, RedNode } from './red.ts'
import { toolResult } from './tool-result.ts'

/** `forge-mcp-result`: answers the call that a message belongs to. */
export function registerResultNode(RED: Red, calls: PendingCalls): void {
  RED.nodes.registerType('forge-mcp-result', function (this: RedNode, config: object) {
    RED.nodes.createNode(this, config)

    this.on('input', (message, _send, done) => {
      const callId = message['_mcpCall']
      if (typeof callId !== 'string') {
        return done(new Error('This message does not come from an MCP tool, or lost msg._mcpCall on its way.'))
      }
      try {
        if (!calls.answer(callId, toolResult(message))) this.warn('The caller of this tool no longer waits.')
        done()
      } catch (error) {
        calls.answer(callId, failure('The flow behind this tool gave an answer that cannot be sent.'))
        done(error as Error)
      }
    })
  })
}
