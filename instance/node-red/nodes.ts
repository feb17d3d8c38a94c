import type { Red } from './red.ts'
import { createPendingCalls } from './pending-calls.ts'
import { registerResultNode } from './result-node.ts'
import { registerServerNode } from './server-node.ts'
import { registerTokenNode } from './token-node.ts'
import { registerToolNode } from './tool-node.ts'

/** The node types. They share the calls that wait for an answer: any result node can give it. */
export function registerNodes(RED: Red): void {
  const calls = createPendingCalls()
  registerServerNode(RED)
  registerToolNode(RED, calls)
  registerResultNode(RED, calls)
  registerTokenNode(RED, calls)
}
