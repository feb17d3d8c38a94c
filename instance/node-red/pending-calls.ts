import { randomUUID } from 'node:crypto'

import type { CallToolResult } from '@modelcontextprotocol/server'

import type { InstanceRequest } from '../connect.ts'

/** A call that a flow is working on. */
export interface PendingCall {
  /** Travels in the message; only the flow that got it can answer. */
  id: string
  /** Settles once: with the flow's answer, or with an error that says why there is none. Never rejects. */
  result: Promise<CallToolResult>
}

export interface PendingCalls {
  /** @param call `signal`: the caller has gone. The flow goes on, so its answer is still waited for, if there is room. */
  open(ownerId: string, call: { request: InstanceRequest; timeoutMs: number; signal: AbortSignal }): PendingCall
  /** What a call came with; null when its caller waits no more. */
  requestOf(id: string): InstanceRequest | null
  /** False when nobody waits for this answer any more. */
  answer(id: string, result: CallToolResult): boolean
  /** Ends the calls of a node that goes away. */
  closeAllOf(ownerId: string): void
}

interface Waiting {
  ownerId: string
  request: InstanceRequest
  signal: AbortSignal
  finish: (result: CallToolResult) => void
}

/** Each holds a connection and a message; beyond this the instance only looks alive. */
const MAX_PENDING = 1_000

export function createPendingCalls(): PendingCalls {
  const pending = new Map<string, Waiting>()

  function makeRoom(): boolean {
    if (pending.size < MAX_PENDING) return true
    const abandoned = [...pending.values()].find(({ signal }) => signal.aborted)
    abandoned?.finish(failure('The caller has gone.'))
    return abandoned !== undefined
  }

  return {
    open: (ownerId, { request, timeoutMs, signal }) => {
      const id = randomUUID()
      if (!makeRoom()) return { id, result: Promise.resolve(failure(BUSY)) }

      const result = new Promise<CallToolResult>((resolve) => {
        const finish = (answer: CallToolResult) => {
          clearTimeout(timer)
          pending.delete(id)
          resolve(answer)
        }
        const timer = setTimeout(() => finish(failure(timedOut(timeoutMs))), timeoutMs)
        pending.set(id, { ownerId, request, signal, finish })
      })
      return { id, result }
    },

    requestOf: (id) => {
      const call = pending.get(id)
      return call && !call.signal.aborted ? call.request : null
    },

    answer: (id, result) => {
      const call = pending.get(id)
      call?.finish(result)
      return call !== undefined
    },

    closeAllOf: (ownerId) => {
      for (const call of [...pending.values()]) if (call.ownerId === ownerId) call.finish(failure(REDEPLOYED))
    },
  }
}

/** A tool execution error: the model sees it and may act on it. */
export function failure(text: string): CallToolResult {
  return { isError: true, content: [{ type: 'text', text }] }
}

const BUSY = 'This instance is working on too many calls at once. Try again in a moment.'
const REDEPLOYED = 'The flow behind this tool was changed or stopped during the call. Try again.'

function timedOut(timeoutMs: number): string {
  return `The flow behind this tool did not answer within ${timeoutMs / 1000} seconds. What it does may still happen.`
}
