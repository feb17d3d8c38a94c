import { exchangeFor } from '../exchange-for.ts'
import type { PendingCalls } from './pending-calls.ts'
import type { Message, Red, RedNode } from './red.ts'

interface TokenConfig {
  /** The address of the other instance; empty to take it from `msg.resource`. */
  resource: string
  readOnly: boolean
}

/** `forge-token`: gives a message the headers with which the next node calls another instance as the same person. */
export function registerTokenNode(RED: Red, calls: PendingCalls): void {
  RED.nodes.registerType('forge-token', function (this: RedNode, config: TokenConfig) {
    RED.nodes.createNode(this, config)
    const { resource = '', readOnly } = config

    this.on('input', (message, send, done) => {
      authorizationFor(callerIn(message, calls), { resource: resource.trim() || message['resource'], readOnly })
        .then((authorization) => {
          this.status({})
          message['headers'] = withAuthorization(message['headers'], authorization)
          send(message)
          done()
        })
        .catch((error: unknown) => {
          const { message: text } = error as Error
          this.status({ fill: 'red', shape: 'ring', text })
          done(new Error(text))
        })
    })
  })
}

/** The request that a message goes back to: that of its tool call, or that of its `http in` node. */
function callerIn(message: Message, calls: PendingCalls): object | null {
  const { _mcpCall: callId, req } = message
  if (typeof callId === 'string') return calls.requestOf(callId)
  return typeof req === 'object' ? req : null
}

/** @throws {Error} with a sentence for the author of the flow */
async function authorizationFor(
  caller: object | null,
  { resource, readOnly }: { resource: unknown; readOnly: boolean },
): Promise<string> {
  if (typeof resource !== 'string' || resource === '') throw new Error(NO_RESOURCE)
  if (!caller) throw new Error(NO_REQUEST)

  const { accessToken } = await exchangeFor(caller, { resource, readOnly })
  return `Bearer ${accessToken}`
}

const NO_RESOURCE = 'Which instance is to be called? Fill in its address, or set msg.resource.'
const NO_REQUEST =
  'Nobody waits for an answer to this message: it comes from no mcp tool or http in node, lost msg._mcpCall or msg.req ' +
  'on its way, or was answered already.'

/**
 * Beside what the flow has set. The headers of an answer that an `http request` node has left in the message are not
 * sent on: that node marks them, and would drop them itself if nothing were added.
 */
function withAuthorization(headers: unknown, authorization: string): Record<string, unknown> {
  const own = typeof headers === 'object' && headers !== null && !('x-node-red-request-node' in headers) ? headers : {}
  const others = Object.entries(own).filter(([name]) => name.toLowerCase() !== 'authorization')
  return { ...Object.fromEntries(others), authorization }
}
