/**
 * How long reading and writing the log of calls takes with a million calls in it, on a real PostgreSQL.
 * `npm run bench:calls [calls]`
 */
import type { Sequelize } from 'sequelize'

import { countByDay } from '../../forge/mcp/call-days.ts'
import type { CallFilter, CallView } from '../../forge/mcp/call-view.ts'
import { listCalls, readWholeCalls } from '../../forge/mcp/calls.ts'
import { setup } from '../support/postgres-server.mjs'

const CALLS = Number(process.argv[2] ?? 1_000_000)
const DAY_MS = 86_400_000
const say = (text: string) => void process.stdout.write(`${text}\n`)

/** A busy team with 9 of 10 calls: 50 people with 2 tokens each, 40 tools at 20 instances, over 30 days. */
async function fill(db: Sequelize): Promise<void> {
  const now = Date.now()
  await db.query(
    `INSERT INTO pat_tool_calls
       SELECT substr(hex, 1, 8) || '-' || substr(hex, 9, 4) || '-7000-8000-' || lpad(to_hex(n), 12, '0'), 'call-' || n,
              to_timestamp(at / 1000.0), 'user-' || n % 50, 'person' || n % 50, 'token-' || n % 100, 'a token',
              CASE WHEN n % 10 = 0 THEN 'other' ELSE 'team' END, 'instance-' || n % 20, 'packer', '/mcp', 'tool-' || n % 40,
              CASE WHEN n % 20 = 0 THEN 'refused' WHEN n % 33 = 0 THEN 'tool_error' ELSE 'ok' END, NULL, 12,
              'claude-code 2.1', '203.0.113.7', n::text, NULL
         FROM (SELECT n, $1::bigint - $2::bigint * ($3::bigint - n) / $3::bigint AS at FROM generate_series(1, $3::bigint) AS n) AS t,
              lpad(to_hex(at), 12, '0') AS hex`,
    { bind: [now, 30 * DAY_MS, CALLS] },
  )
  await db.query('VACUUM ANALYZE pat_tool_calls')
}

async function time(what: string, work: () => Promise<unknown>): Promise<void> {
  const times: number[] = []
  for (let run = 0; run < 5; run += 1) {
    const start = performance.now()
    await work()
    times.push(performance.now() - start)
  }
  const [median = 0, worst = 0] = [times.toSorted((a, b) => a - b)[2], Math.max(...times)]
  say(`${what.padEnd(58)} ${median.toFixed(1).padStart(8)} ms  (at most ${worst.toFixed(1)})`)
}

const exact = (db: Sequelize, where: string) => db.query(`SELECT count(*) FROM pat_tool_calls WHERE ${where}`)
const team = (filter: CallFilter = {}): CallView => ({ scope: { team_id: 'team' }, filter })

const stop = await setup()
const { createTestDatabase } = await import('../support/database.ts') // looks for the server when it is loaded
const { db, cleanup } = await createTestDatabase('postgres')
try {
  await fill(db)
  say(`${CALLS} calls, PostgreSQL; median of 5`)

  await time('first page of the team', () => listCalls({ db }, team(), {}))
  await time('first page of the team, one tool', () => listCalls({ db }, team({ tool: 'tool-7' }), {}))
  await time('first page of the team, one person', () => listCalls({ db }, team({ username: 'person7' }), {}))
  await time('first page of the team, nothing matches', () => listCalls({ db }, team({ tool: 'no-such-tool' }), {}))
  const tenDaysAgo = new Date(Date.now() - 10 * DAY_MS).toISOString()
  await time('first page of the team, until ten days ago', () => listCalls({ db }, team({ to: tenDaysAgo }), {}))
  await time('first page of a token', () => listCalls({ db }, { scope: { token_id: 'token-7' }, filter: {} }, {}))
  await time('days of the team', () => countByDay({ db }, team()))
  await time('days of the team, one tool', () => countByDay({ db }, team({ tool: 'tool-7' })))
  await time('days of a token', () => countByDay({ db }, { scope: { token_id: 'token-7' }, filter: {} }))
  await time('exact count of the team (not done)', () => exact(db, "team_id = 'team'"))
  await time('exact count of the team, one tool (not done)', () => exact(db, "team_id = 'team' AND tool = 'tool-7'"))

  const start = performance.now()
  let read = 0
  for await (const calls of readWholeCalls({ db }, team())) read += calls.length
  say(`export of the team: ${read} calls, ${Math.round(read / ((performance.now() - start) / 1000))} a second`)
} finally {
  await cleanup()
  await stop?.()
}
