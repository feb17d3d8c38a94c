import { setMaxListeners } from 'node:events'

import type { FastifyBaseLogger } from 'fastify'
import type { Sequelize } from 'sequelize'

import { pause } from './pause.ts'
import { runIfDue, secondsUntilDue, type Task } from './task.ts'

export interface HousekeeperOptions {
  db: Sequelize
  tasks: Task[]
  log: FastifyBaseLogger
  /** The first look at each task comes within so many seconds, so that forges started together don't all look at once. */
  spreadSeconds?: number
  /** Is told of each time that a task ran here. */
  onRun?: (task: string, result: RunResult) => void
}

export type RunResult = 'done' | 'failed'

export interface Housekeeper {
  /** Starts nothing more, and waits for what is running. */
  close(): Promise<void>
}

const START_SPREAD_SECONDS = 10
/** Nobody waits longer than this before looking again: another process may have died over its task. */
const LONGEST_WAIT_SECONDS = 3600
/** Nor shorter, while another process is at it. */
const SHORTEST_WAIT_SECONDS = 10
/** A task that fails is tried again after this, then twice as long, and so on up to its own interval. */
const FIRST_RETRY_SECONDS = 30
/** How much longer than needed a wait may be, at random. */
const JITTER = 0.1

/** Does each task at its interval, once however many processes have a housekeeper on this database. */
export function startHousekeeper(options: HousekeeperOptions): Housekeeper {
  const closing = new AbortController()
  // Each loop listens; a warning that there are many would be about nothing.
  setMaxListeners(options.tasks.length + 1, closing.signal)
  // One loop per task: a task never overlaps itself, and a slow one holds up no other.
  const loops = options.tasks.map((task) => tend(task, options, closing.signal))

  return {
    async close() {
      closing.abort()
      await Promise.all(loops)
    },
  }
}

async function tend(task: Task, options: HousekeeperOptions, closing: AbortSignal): Promise<void> {
  const { db, log, spreadSeconds, onRun = () => {} } = options
  let failures = 0
  let waitSeconds = (spreadSeconds ?? START_SPREAD_SECONDS) * Math.random()

  while (await pause(waitSeconds * 1000, closing)) {
    try {
      if (await runIfDue(db, task, () => closing.aborted)) onRun(task.name, 'done')
      waitSeconds = nextLook(await secondsUntilDue(db, task), task)
      failures = 0
    } catch (error) {
      waitSeconds = Math.min(FIRST_RETRY_SECONDS * 2 ** failures, task.everySeconds, LONGEST_WAIT_SECONDS)
      failures += 1
      onRun(task.name, 'failed')
      log.error({ err: error, task: task.name, failures, waitSeconds }, 'a housekeeping task failed')
    }
  }
}

function nextLook(untilDue: number, { everySeconds }: Task): number {
  const shortest = Math.min(SHORTEST_WAIT_SECONDS, everySeconds)
  return Math.min(Math.max(untilDue, shortest), LONGEST_WAIT_SECONDS) * (1 + JITTER * Math.random())
}
