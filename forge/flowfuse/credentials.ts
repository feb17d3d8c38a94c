import type { InstanceCredential } from '../directory/directory.ts'
import { noAnswer, type FlowFuse } from './flowfuse.ts'
import { isInstanceId } from './ids.ts'
import { createShortMemory } from './short-memory.ts'

/** The check of an instance's `fft_` token, by FlowFuse itself: no table of tokens is read. */
export interface FlowFuseCredentials {
  /**
   * The instance that presents this credential; null when FlowFuse does not agree. FlowFuse answers for one instance at
   * a time, so a caller that does not say which it is, by HTTP Basic, is nobody.
   * @throws {ForgeError} unavailable when FlowFuse does not answer
   */
  authenticate(presented: InstanceCredential): Promise<string | null>
}

/**
 * @param placeOf the id of an instance where it is now, by FlowFuse's id of it
 * @param now epoch ms
 */
export function createFlowFuseCredentials(
  flowfuse: FlowFuse,
  placeOf: (uuid: string) => Promise<string | null>,
  now: () => number = Date.now,
): FlowFuseCredentials {
  const memory = createShortMemory<string>(now)

  return {
    async authenticate({ secret, claimedInstanceId }) {
      if (claimedInstanceId === undefined || !isInstanceId(claimedInstanceId)) return null
      if (!/^[\w.~+/-]+=*$/.test(secret)) return null

      const pair = `${claimedInstanceId} ${secret}`
      if (memory.recall(pair) !== null) return placeOf(claimedInstanceId)

      const answer = await flowfuse.ask(`/account/check/project/${claimedInstanceId}`, {
        authorization: `Bearer ${secret}`,
      })
      if (answer === null) return null
      // FlowFuse says yes without a word. Whatever says more is something else at its address.
      if (answer !== undefined) throw noAnswer(new Error('FlowFuse did not say whose credential it is'))

      memory.keep(pair, claimedInstanceId)
      return placeOf(claimedInstanceId)
    },
  }
}
