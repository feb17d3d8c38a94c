import { randomBytes } from 'node:crypto'

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
 * Whether FlowFuse agrees that the credential is the instance's. It says yes without a word, as anything might that
 * stands at its address, so what said yes is asked about a credential that nobody has, and has to say no.
 * @throws {ForgeError} unavailable for what does not answer like FlowFuse
 */
async function isAgreed(
  flowfuse: FlowFuse,
  { instanceId, secret, countedAs }: { instanceId: string; secret: string; countedAs: string },
): Promise<boolean> {
  const check = (text: string) =>
    flowfuse.ask(`/account/check/project/${instanceId}`, { authorization: `Bearer ${text}` }, countedAs)
  const answer = await check(secret)
  if (answer === null) return false
  if (answer !== undefined) throw noAnswer(new Error('FlowFuse did not say whose credential it is'))

  const toNobody = await check(`fft_${randomBytes(32).toString('base64url')}`)
  if (toNobody !== null) throw noAnswer(new Error('What answers for FlowFuse says yes to everybody'))
  return true
}

/**
 * @param placeOf the id of an instance where it is now, by FlowFuse's id of it
 * @param now monotonic, in milliseconds
 */
export function createFlowFuseCredentials(
  flowfuse: FlowFuse,
  placeOf: (uuid: string) => Promise<string | null>,
  now = () => performance.now(),
): FlowFuseCredentials {
  const memory = createShortMemory<string>(now)

  return {
    async authenticate({ secret, claimedInstanceId }) {
      if (claimedInstanceId === undefined || !isInstanceId(claimedInstanceId)) return null
      if (!/^[\w.~+/-]+=*$/.test(secret)) return null

      const pair = `${claimedInstanceId} ${secret}`
      if (memory.recall(pair) !== null) return placeOf(claimedInstanceId)

      // By the credential: who tries others for the same instance, from wherever, does not spend what this one has.
      const countedAs = memory.nameOf(pair)
      if (!(await isAgreed(flowfuse, { instanceId: claimedInstanceId, secret, countedAs }))) return null

      memory.keep(pair, claimedInstanceId)
      return placeOf(claimedInstanceId)
    },
  }
}
