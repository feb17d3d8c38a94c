/**
 * What the instance side costs: `tools/call` through middleware, gate, rules and log of calls against the same server
 * behind nothing, and plain routes behind the middleware, which knows the caller, against the bare ones. The forge here
 * answers everything at once, so that what is measured is the instance alone.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { CallReport } from '../../forge/contract/tool-calls.ts'
import { activeAnswer, json, madeUpToken, startLoopbackForge } from '../instance/support/loopback-forge.ts'
import type { Context, Findings, Rate } from './bench-context.ts'
import type { LoadGroup } from './load.ts'
import { startServer } from './processes.ts'
import { findRate, runRounds, type Contender } from './rounds.ts'

type Served = 'http' | 'express' | 'tool'
type Front = 'nothing' | 'middleware' | 'gate'

const NAMES: Record<Served, string> = { http: 'node:http', express: 'route of Express', tool: 'tools/call' }
const SERVED: readonly [Served, Front][] = [
  ['http', 'nothing'],
  ['http', 'middleware'],
  ['express', 'nothing'],
  ['express', 'middleware'],
  ['tool', 'nothing'],
  ['tool', 'middleware'],
  ['tool', 'gate'],
]

export async function measureInstances(context: Context): Promise<Findings> {
  const forge = await startForge(context)
  const contenders: Contender[] = []
  for (const [served, front] of SERVED) {
    const state = await mkdtemp(join(tmpdir(), 'bench-instance-'))
    context.ending.defer(() => rm(state, { recursive: true }))
    const server = await startServer('instance-server.mjs', [served, front, forge.url, state])
    context.ending.defer(() => server.stop())
    const job = () => ({ seconds: context.seconds, groups: [requestsFor(served)], awake: true })
    contenders.push({ name: nameOf(served, front), database: null, tokens: null, server, job })
  }
  const rates = await runRounds(context, contenders)
  return { rates, facts: { ...ratios(rates), 'calls that were logged at the forge': forge.logged() } }
}

const nameOf = (served: Served, front: Front) =>
  `${NAMES[served]} behind ${front === 'nothing' ? front : `the ${front}`}`

function ratios(rates: readonly Rate[]): Record<string, number> {
  const ratio = (served: Served, front: Front, base: Front) =>
    findRate(rates, nameOf(served, front)).rate / findRate(rates, nameOf(served, base)).rate
  return {
    'tools/call: gate, rules, log of calls, of the middleware alone': ratio('tool', 'gate', 'middleware'),
    'tools/call: all of it, of nothing': ratio('tool', 'gate', 'nothing'),
    'a route of Express behind the cached middleware, of the bare one': ratio('express', 'middleware', 'nothing'),
    'node:http behind the cached middleware, of the bare one': ratio('http', 'middleware', 'nothing'),
  }
}

const CALL = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'look', arguments: {} } })

function requestsFor(served: Served): LoadGroup {
  const head = ['host: 127.0.0.1', `authorization: Bearer ${madeUpToken(1)}`]
  const call = [
    'POST / HTTP/1.1',
    ...head,
    'content-type: application/json',
    'accept: application/json, text/event-stream',
    `content-length: ${CALL.length}`,
  ]
  const lines = served === 'tool' ? [...call, '', CALL] : ['GET / HTTP/1.1', ...head, '', '']
  return { connections: 32, requests: [lines.join('\r\n')], accept: ['200'] }
}

/** Knows every caller, and counts the calls that are logged. */
async function startForge({ ending }: Context) {
  let logged = 0
  const forge = await startLoopbackForge(json(200, activeAnswer()))
  ending.defer(() => forge.close())
  forge.routes['GET /tool-rules'] = (_call, response) => answer(response, { rules: [] })
  forge.routes['PUT /tools'] = (_call, response) => answer(response, {})
  forge.routes['POST /audit'] = ({ body }, response) => {
    const { calls } = JSON.parse(body) as CallReport
    logged += calls.length
    forge.calls.length = 0
    answer(response, { accepted: calls.length, duplicates: 0, refused: [] })
  }
  return { url: forge.url, logged: () => logged }
}

function answer(response: ServerResponse, body: object): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
}
