import { setTimeout as sleep } from 'node:timers/promises'

import Fastify from 'fastify'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { startHousekeeper, type Housekeeper } from '../../../forge/housekeeping/housekeeper.ts'
import type { Task } from '../../../forge/housekeeping/task.ts'
import type { SharedDatabase } from './databases.ts'
import { longWork } from './long-work.ts'
import { eventually } from '../../support/eventually.ts'

const DAY = 86_400

/** What must hold of the housekeeper, on whichever database. */
export function housekeeperCases(open: () => Promise<SharedDatabase>): void {
  const { log } = Fastify()
  let shared: SharedDatabase
  let started: Housekeeper[]

  beforeEach(async () => {
    shared = await open()
    started = []
  })
  afterEach(async () => {
    await Promise.all(started.map((housekeeper) => housekeeper.close()))
    await shared.cleanup()
  })

  /** @param db which of the two forges */
  const start = (tasks: Task[], db = shared.db) => {
    const housekeeper = startHousekeeper({ db, tasks, log, spreadSeconds: 0 })
    started.push(housekeeper)
    return housekeeper
  }

  it('runs a task that was never done at once, with the time', async () => {
    const run = vi.fn<Task['run']>(async () => undefined)
    start([{ name: 'sweep', everySeconds: DAY, run }])

    await eventually(() => expect(run).toHaveBeenCalledOnce())
    expect(run.mock.calls[0]?.[0]).toBeInstanceOf(Date)
  })

  it('tells a task the time of the database, whatever the clock of the forge says', async () => {
    const before = Date.now()
    const run = vi.fn<Task['run']>(async () => undefined)
    vi.useFakeTimers({ toFake: ['Date'], now: before + 365 * DAY * 1_000 })
    try {
      start([{ name: 'sweep', everySeconds: DAY, run }])
      while (run.mock.calls.length === 0) await sleep(5)
    } finally {
      vi.useRealTimers()
    }

    expect(Math.abs(Number(run.mock.calls[0]?.[0]) - before)).toBeLessThan(DAY * 1_000)
  })

  it('runs a task again and again', async () => {
    const run = vi.fn(async () => undefined)
    start([{ name: 'sweep', everySeconds: 0.02, run }])

    await eventually(() => expect(run.mock.calls.length).toBeGreaterThan(2))
  })

  it('runs a task once for two forges', async () => {
    const sweep = vi.fn(async () => undefined)
    const everyForgeLooked = vi.fn(async () => undefined)
    const tasksOf = (forge: string): Task[] => [
      { name: 'sweep', everySeconds: DAY, run: sweep },
      { name: forge, everySeconds: DAY, run: everyForgeLooked },
    ]
    start(tasksOf('first'))
    start(tasksOf('second'), shared.otherDb)

    await eventually(() => expect(everyForgeLooked).toHaveBeenCalledTimes(2))
    await Promise.all(started.map((housekeeper) => housekeeper.close()))
    expect(sweep).toHaveBeenCalledOnce()
  })

  it('does not repeat a daily task after a restart', async () => {
    const run = vi.fn(async () => undefined)
    const sweep = { name: 'sweep', everySeconds: DAY, run }
    const first = start([sweep])
    await eventually(() => expect(run).toHaveBeenCalledOnce())
    await first.close()

    const other = vi.fn(async () => undefined)
    start([sweep, { name: 'other', everySeconds: DAY, run: other }])
    await eventually(() => expect(other).toHaveBeenCalledOnce())
    expect(run).toHaveBeenCalledOnce()
  })

  it('repeats it once its day is over', async () => {
    const run = vi.fn(async () => undefined)
    const sweep = { name: 'sweep', everySeconds: DAY, run }
    const first = start([sweep])
    await eventually(() => expect(run).toHaveBeenCalledOnce())
    await first.close()

    await shared.db.query("UPDATE pat_task_runs SET done_at = '2020-01-01 00:00:00.000 +00:00'")
    start([sweep])
    await eventually(() => expect(run).toHaveBeenCalledTimes(2))
  })

  it('logs an error and tries again', async () => {
    const logged = vi.spyOn(log, 'error')
    const run = vi.fn(async () => undefined).mockRejectedValueOnce(new Error('the database was busy'))
    start([{ name: 'sweep', everySeconds: 0.02, run }])

    await eventually(() => expect(run.mock.calls.length).toBeGreaterThan(1))
    expect(logged).toHaveBeenCalledOnce()
    expect(logged.mock.calls[0]?.[0]).toMatchObject({ task: 'sweep', err: new Error('the database was busy') })
  })

  it('keeps on with the other tasks when one fails', async () => {
    const run = vi.fn(async () => undefined)
    const fail = () => Promise.reject(new Error('always'))
    start([
      { name: 'broken', everySeconds: DAY, run: fail },
      { name: 'sweep', everySeconds: 0.02, run },
    ])

    await eventually(() => expect(run.mock.calls.length).toBeGreaterThan(2))
  })

  it('waits for the running task when it closes, and tells it to stop', async () => {
    const { work, begun, end } = longWork()
    let toldToStop = false
    const run: Task['run'] = async (_now, shouldStop) => {
      await work(new AbortController().signal)
      toldToStop = shouldStop()
    }
    const housekeeper = start([{ name: 'sweep', everySeconds: DAY, run }])
    await begun

    const closed = housekeeper.close()
    end()
    await closed
    expect(toldToStop).toBe(true)
  })

  it('takes up again what was stopped half-way', async () => {
    const { work, begun, end } = longWork()
    const halfway = { name: 'sweep', everySeconds: DAY, run: () => work(new AbortController().signal) }
    const housekeeper = start([halfway])
    await begun
    const closed = housekeeper.close()
    end()
    await closed

    const run = vi.fn(async () => undefined)
    start([{ ...halfway, run }])
    await eventually(() => expect(run).toHaveBeenCalledOnce())
  })

  it('starts nothing once it is closed', async () => {
    const run = vi.fn(async () => undefined)
    await start([{ name: 'sweep', everySeconds: 0.02, run }]).close()

    const other = vi.fn(async () => undefined)
    start([{ name: 'other', everySeconds: DAY, run: other }])
    await eventually(() => expect(other).toHaveBeenCalledOnce())
    expect(run).not.toHaveBeenCalled()
  })

  it('never overlaps itself, also with two forges', async () => {
    let running = 0
    let most = 0
    const run = vi.fn(async () => {
      most = Math.max(most, ++running)
      await shared.db.query('SELECT 1')
      running -= 1
    })
    start([{ name: 'sweep', everySeconds: 0.005, run }])
    start([{ name: 'sweep', everySeconds: 0.005, run }], shared.otherDb)

    await vi.waitFor(() => expect(run.mock.calls.length).toBeGreaterThan(10), { timeout: 10_000 })
    expect(most).toBe(1)
  })
}
