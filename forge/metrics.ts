import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Sequelize } from 'sequelize'

import { auditBacklog } from './audit/backlog.ts'
import type { Changes } from './changes/changes.ts'
import type { RunResult } from './housekeeping/housekeeper.ts'
import type { Push } from './instances/push.ts'
import type { Limits } from './limits/limits.ts'
import { listOutcomes, type Outcomes } from './oauth/outcomes.ts'
import type { Memory } from './tokens/memory.ts'
import type { Proofs } from './tokens/proofs.ts'

/** What the module notes as it happens. Everything else is read from its parts when somebody asks. */
export interface ModuleMetrics {
  /** @param seconds from when a change was heard until it stood on the streams of the instances */
  onTold(seconds: number): void
  /** @param seconds from a revocation until an instance had confirmed it */
  onConfirmed(seconds: number): void
  /** @param seconds from the oldest call in a report of an instance until it was here */
  onCallsReported(seconds: number): void
  onRun(task: string, result: RunResult): void
  /** Begins to answer for these parts. */
  watch(parts: WatchedParts): void
}

/** Parts that count for themselves, in plain numbers: what is done a thousand times a second must cost nothing. */
export interface WatchedParts {
  db: Sequelize
  outcomes: Outcomes
  proofs: Pick<Proofs, 'counts' | 'load'>
  memory: Pick<Memory, 'counts'>
  limits: Limits
  push: Pick<Push, 'size'>
  changes: Pick<Changes, 'healthy'>
  /** Of the host, where they are other ones. */
  hostChanges: Pick<Changes, 'healthy'> | undefined
  /** Names of the sinks that the audit is streamed to. */
  auditSinks: string[]
}

const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]
const CALL_SECONDS = [0.5, 1, 2, 5, 15, 60, 300, 1_800, 7_200, 86_400]

/** The module's metrics. No label has a value that comes from a request. @param registry where they are added */
export function createMetrics(registry = new Registry()): ModuleMetrics {
  const registers = [registry]
  const told = new Histogram({
    ...named('push_lag_seconds', 'From when a change was heard here until it stood on the streams of the instances.'),
    buckets: SECONDS,
    registers,
  })
  const confirmed = new Histogram({
    ...named(
      'revocation_seconds',
      'From a revocation until an instance had confirmed that it holds nothing of the token.',
    ),
    buckets: SECONDS,
    registers,
  })
  const reported = new Histogram({
    ...named('call_report_lag_seconds', 'Age of the oldest call in each report of an instance: its backlog.'),
    buckets: CALL_SECONDS,
    registers,
  })
  const runs = new Counter({
    ...named('housekeeper_runs_total', 'Tasks of the housekeeper that ran in this forge.'),
    labelNames: ['task', 'result'],
    registers,
  })

  return {
    onTold: (seconds) => told.observe(seconds),
    onConfirmed: (seconds) => confirmed.observe(seconds),
    onCallsReported: (seconds) => reported.observe(Math.max(0, seconds)),
    onRun: (task, result) => runs.inc({ task, result }),
    watch: (parts) => {
      watchVerification(registers, parts)
      watchChannels(registers, parts)
      watchAudit(registers, parts)
    },
  }
}

const named = (name: string, help: string) => ({ name: `forge_pat_${name}`, help })

function watchVerification(registers: Registry[], { outcomes, proofs, memory, limits }: WatchedParts): void {
  counter(registers, 'introspections_total', 'Introspections by what came of them.', ['result', 'reason'], () =>
    listOutcomes(outcomes).map(({ result, reason, count }) => [{ result, reason }, count]),
  )
  counter(registers, 'proofs_total', 'Proofs of secrets: known, shared with one under way, or made.', ['result'], () =>
    Object.entries(proofs.counts).map(([result, count]) => [{ result }, count]),
  )
  counter(registers, 'facts_total', 'Facts that were looked for in memory.', ['kind', 'result'], () =>
    Object.entries(memory.counts).flatMap(([kind, { hit, miss }]) => [
      [{ kind, result: 'hit' }, hit] as const,
      [{ kind, result: 'miss' }, miss] as const,
    ]),
  )
  gauge(registers, 'argon2_jobs', 'Proofs by argon2 that run and that wait.', ['state'], () => {
    const { running, waiting } = proofs.load()
    return [
      [{ state: 'running' }, running],
      [{ state: 'waiting' }, waiting],
    ]
  })
  counter(registers, 'argon2_refused_total', 'Proofs that were refused because too many waited.', [], () => [
    [{}, proofs.load().refused],
  ])
  counter(registers, 'limited_total', 'What was refused because it was too much, by limit.', ['limit'], () =>
    Object.values(limits).flatMap((limit) => (limit ? [[{ limit: limit.name }, limit.refused] as const] : [])),
  )
}

function watchChannels(registers: Registry[], { push, changes, hostChanges }: WatchedParts): void {
  gauge(registers, 'push_streams', 'Instances that listen to this forge.', [], () => [[{}, push.size]])
  gauge(
    registers,
    'listening',
    'Whether this forge hears of changes in the database (1) or reads fresh (0).',
    [],
    () => [[{}, Number(changes.healthy && (hostChanges?.healthy ?? true))]],
  )
}

function watchAudit(registers: Registry[], { db, auditSinks }: WatchedParts): void {
  const entries = 'Entries of the audit that are not sealed, and those that are sealed and not sent to a sink.'
  gauge(registers, 'audit_backlog_entries', entries, ['for'], async () => {
    // Without the database there is no number, and the others are asked for all the more.
    const backlog = await auditBacklog(db, auditSinks).catch(() => [])
    return backlog.map(({ waitsFor, entries: count }) => [{ for: waitsFor }, count])
  })
}

type Sample = readonly [labels: Record<string, string>, value: number]

/** A count that somebody else keeps. */
function counter(
  registers: Registry[],
  name: string,
  help: string,
  labelNames: string[],
  read: () => readonly Sample[],
): void {
  new Counter({
    ...named(name, help),
    labelNames,
    registers,
    collect() {
      this.reset()
      for (const [labels, value] of read()) this.inc(labels, value)
    },
  })
}

/** A value of the moment. */
function gauge(
  registers: Registry[],
  name: string,
  help: string,
  labelNames: string[],
  read: () => readonly Sample[] | Promise<readonly Sample[]>,
): void {
  new Gauge({
    ...named(name, help),
    labelNames,
    registers,
    async collect() {
      const samples = await read()
      this.reset()
      for (const [labels, value] of samples) this.set(labels, value)
    },
  })
}
