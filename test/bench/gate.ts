/**
 * What the instance side costs: `tools/call` through middleware, gate, rules and log of calls against the same server
 * behind nothing, and plain routes behind the middleware, which knows the caller, against the bare ones. Servers run by
 * turns in processes of their own, so that whatever else the machine does meets all alike; what counts are the ratios.
 * On a machine with other work the processor time that a server takes for an answer says more than the rate.
 * `npm run bench:gate [rounds] [seconds]`
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import autocannon from 'autocannon'

import type { CallReport } from '../../forge/contract/tool-calls.ts'
import { activeAnswer, json, madeUpToken, startLoopbackForge } from '../instance/support/loopback-forge.ts'

export type Served = 'http' | 'express' | 'tool'
export type Front = 'nothing' | 'middleware' | 'gate'

const ROUNDS = Number(process.argv[2] ?? 7)
const SECONDS = Number(process.argv[3] ?? 3)
const CONNECTIONS = 32
const CALL = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'look', arguments: {} } })

interface Comparison {
  what: string
  served: Served
  fronts: [Front, Front]
}

const COMPARISONS: readonly Comparison[] = [
  { what: 'tools/call: gate, rules, log of calls', served: 'tool', fronts: ['middleware', 'gate'] },
  { what: 'tools/call: all of it and the middleware', served: 'tool', fronts: ['nothing', 'gate'] },
  { what: 'a route of Express behind the middleware', served: 'express', fronts: ['nothing', 'middleware'] },
  { what: 'node:http behind the middleware', served: 'http', fronts: ['nothing', 'middleware'] },
]

const say = (text: string) => void process.stdout.write(`${text}\n`)

/** Knows every caller and answers everything at once, so that what is measured is the instance alone. */
async function startForge() {
  const forge = await startLoopbackForge(json(200, activeAnswer()))
  forge.routes['GET /tool-rules'] = (_call, response) => answer(response, { rules: [] })
  forge.routes['PUT /tools'] = (_call, response) => answer(response, {})
  forge.routes['POST /audit'] = ({ body }, response) => {
    const { calls } = JSON.parse(body) as CallReport
    logged += calls.length
    forge.calls.length = 0
    answer(response, { accepted: calls.length, duplicates: 0, refused: [] })
  }
  return forge
}

function answer(response: ServerResponse, body: object): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
}

interface Server {
  url: string
  /** Processor time since its start, in microseconds. */
  spent: () => Promise<number>
  stop: () => Promise<void>
}

async function startServer(served: Served, front: Front): Promise<Server> {
  const state = await mkdtemp(join(tmpdir(), 'bench-gate-'))
  const child = fork(join(import.meta.dirname, 'gate-server.mjs'), [served, front, forge.url, state], { execArgv: [] })
  const said = async () => ((await once(child, 'message')) as [unknown])[0]
  return {
    url: (await said()) as string,
    spent: async () => {
      const answer = said()
      child.send('spent')
      return (await answer) as number
    },
    stop: async () => {
      child.disconnect()
      await once(child, 'exit')
      await rm(state, { recursive: true })
    },
  }
}

interface Measured {
  /** Answers in a second. */
  rate: number
  /** Processor time of the server for one of them, in microseconds. */
  cost: number
}

async function measure({ url, spent }: Server, served: Served): Promise<Measured> {
  const before = await spent()
  const { requests, non2xx, errors } = await autocannon({
    url,
    duration: SECONDS,
    connections: CONNECTIONS,
    headers: {
      authorization: `Bearer ${madeUpToken(1)}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    ...(served === 'tool' ? { method: 'POST', body: CALL } : {}),
  })
  if (non2xx + errors > 0) throw new Error(`${non2xx + errors} of ${requests.total} requests failed`)
  return { rate: requests.average, cost: ((await spent()) - before) / requests.total }
}

async function compare({ what, served, fronts }: Comparison): Promise<void> {
  const servers = await Promise.all(fronts.map((front) => startServer(served, front)))
  for (const server of servers) await measure(server, served)

  const rounds: Measured[][] = servers.map(() => [])
  for (let round = 0; round < ROUNDS; round++)
    for (const [n, server] of servers.entries()) rounds[n]?.push(await measure(server, served))
  for (const { stop } of servers) await stop()

  const [bare = 0, full = 0] = rounds.map((all) => median(all.map(({ rate }) => rate)))
  const [bareCost = 0, fullCost = 0] = rounds.map((all) => median(all.map(({ cost }) => cost)))
  const rates = `${(full / bare).toFixed(2)} of the rate (${full.toFixed(0)} of ${bare.toFixed(0)} a second)`
  const costs = `${(bareCost / fullCost).toFixed(2)} by processor time (${bareCost.toFixed(1)} of ${fullCost.toFixed(1)} us)`
  say(`${what.padEnd(42)} ${rates}, ${costs}`)
}

const median = (numbers: number[]) => numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0

let logged = 0
const forge = await startForge()
say(`${CONNECTIONS} connections, medians of ${ROUNDS} rounds of ${SECONDS} s`)
for (const comparison of COMPARISONS) await compare(comparison)
say(`${logged} calls were logged at the forge.`)
await forge.close()
