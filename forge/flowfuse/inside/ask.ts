import { noAnswer, readAnswer, type FlowFuse } from '../flowfuse.ts'
import type { FlowFuseApp } from './host.ts'

/** The FlowFuse that we are inside of, asked as over HTTP but without a network: its own checks decide. */
export function createInsideFlowFuse(app: Pick<FlowFuseApp, 'inject'>): FlowFuse {
  return {
    async ask(path, headers) {
      const answer = await app
        .inject({ method: 'GET', url: path, headers: { accept: 'application/json', ...headers } })
        .catch((cause: unknown) => {
          throw noAnswer(cause)
        })
      return readAnswer(path, answer.statusCode, answer.body)
    },
  }
}
