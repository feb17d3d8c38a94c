import { COUNTED_AS, noAnswer, readAnswer, type FlowFuse } from '../flowfuse.ts'
import type { FlowFuseApp } from './host.ts'

/** The FlowFuse that we are inside of, asked as over HTTP but without a network: its own checks decide. */
export function createInsideFlowFuse(app: Pick<FlowFuseApp, 'inject'>): FlowFuse {
  return {
    async ask(path, headers, countedAs) {
      const all = { accept: 'application/json', [COUNTED_AS]: countedAs, ...headers }
      const answer = await app.inject({ method: 'GET', url: path, headers: all }).catch((cause: unknown) => {
        throw noAnswer(cause)
      })
      return readAnswer(path, answer.statusCode, answer.body)
    },
  }
}
