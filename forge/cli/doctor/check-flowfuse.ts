import { randomBytes, randomUUID } from 'node:crypto'

import { ok, wrong, type Finding } from '../finding.ts'
import { ask, member, type Answer } from './ask.ts'
import { checkClock } from './check-clock.ts'

const IS_IT = 'Is FLOWFUSE_URL the address of FlowFuse itself, without a path?'

/**
 * Whether FlowFuse answers the questions that forge-pat has. Each is asked about somebody whom nobody knows: FlowFuse
 * has to say no, in its own words.
 * @param url where this process reaches FlowFuse
 * @param now epoch ms
 */
export async function checkFlowFuse(url: string, now: () => number): Promise<Finding[]> {
  const answer = await ask(`${url}/api/v1/user`)
  if (typeof answer === 'string') {
    return [wrong(`FlowFuse does not answer at ${url}: ${answer}.`, 'Is it running, and can it be reached from here?')]
  }
  if (!saysNo(answer)) return [wrong(`What answers at ${url} is no FlowFuse: ${describe(answer)}.`, IS_IT)]

  const date = Date.parse(answer.headers.get('date') ?? '')
  return [
    ok(`FlowFuse answers at ${url}.`),
    ...(Number.isNaN(date) ? [] : [checkClock('FlowFuse', date, now())]),
    await checkSessions(url),
    await checkCredentials(url),
  ]
}

async function checkSessions(url: string): Promise<Finding> {
  const answer = await ask(`${url}/api/v1/user`, { cookie: `sid=${randomBytes(24).toString('base64url')}.nobody` })
  if (typeof answer !== 'string' && saysNo(answer)) return ok('FlowFuse says who is signed in.')
  return wrong(`FlowFuse does not say who is signed in: ${describe(answer)}.`, IS_IT)
}

async function checkCredentials(url: string): Promise<Finding> {
  const authorization = `Bearer fft_${randomBytes(32).toString('base64url')}`
  const answer = await ask(`${url}/account/check/project/${randomUUID()}`, { authorization })
  if (typeof answer !== 'string' && saysNo(answer)) return ok('FlowFuse checks the tokens of instances.')
  return wrong(
    `FlowFuse does not check the tokens of instances: ${describe(answer)}.`,
    'Does a proxy between the two hold back /account/check or the Authorization header? Let FLOWFUSE_URL go past it.',
  )
}

/** As FlowFuse does, unlike its pages, which stand at every address that it does not know. */
function saysNo({ status, json }: Answer): boolean {
  return status === 401 && typeof member(json, 'code') === 'string'
}

function describe(answer: Answer | string): string {
  return typeof answer === 'string' ? answer : `it answered ${answer.status}`
}
