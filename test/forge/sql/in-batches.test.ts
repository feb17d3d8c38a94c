import { afterEach, expect, it, vi } from 'vitest'

import { inBatches } from '../../../forge/sql/in-batches.ts'
import { eventually } from '../../support/eventually.ts'

afterEach(() => {
  vi.useRealTimers()
})

/** Reads that are answered by hand. */
function reads(options = {}) {
  const begun: { keys: number[]; answer: () => void; fail: (error: Error) => void }[] = []
  const ask = inBatches(
    (keys: number[]) =>
      new Promise<number[]>((resolve, reject) => {
        begun.push({ keys, answer: () => resolve(keys.map((key) => 2 * key)), fail: reject })
      }),
    options,
  )
  const beginning = (count: number) => eventually(() => expect(begun).toHaveLength(count))
  return { begun, ask, beginning }
}

it('reads together what is asked for together, and gives each its own', async () => {
  const { begun, ask, beginning } = reads()
  const answers = Promise.all([1, 2, 3].map(ask))
  await beginning(1)

  expect(begun[0]?.keys).toEqual([1, 2, 3])
  begun[0]?.answer()
  expect(await answers).toEqual([2, 4, 6])
})

it('asks anew for who comes while the same is being read: what they get is read after they came', async () => {
  const { begun, ask, beginning } = reads()
  const first = ask(1)
  await beginning(1)
  const second = ask(1)
  await beginning(2)

  begun[1]?.answer()
  begun[0]?.answer()
  expect(await Promise.all([first, second])).toEqual([2, 2])
})

it('gathers while two are under way, and reads at most 64 at once', async () => {
  const { begun, ask, beginning } = reads()
  const under = [ask(1)]
  await beginning(1)
  under.push(ask(2))
  await beginning(2)
  const rest = Promise.all(Array.from({ length: 65 }, (_, n) => ask(n)))

  begun[0]?.answer()
  begun[1]?.answer()
  await beginning(4)
  expect(begun.map(({ keys }) => keys.length)).toEqual([1, 1, 64, 1])
  for (const { answer } of begun) answer()
  expect(await rest).toEqual(Array.from({ length: 65 }, (_, n) => 2 * n))
  await Promise.all(under)
})

it('fails for all of a read that failed, and for no other', async () => {
  const { begun, ask, beginning } = reads()
  const failing = Promise.allSettled([ask(1), ask(2)])
  await beginning(1)
  const other = ask(3)
  await beginning(2)

  begun[0]?.fail(new Error('the database is away'))
  expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  begun[1]?.answer()
  expect(await other).toBe(6)
})

it('gathers whoever comes within the pause after a read began, and lets nobody wait who comes later', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] })
  const { begun, ask } = reads({ pauseMs: 5 })
  const nextTurn = () => new Promise((resolve) => setImmediate(resolve))
  const answers = [ask(1)]
  await nextTurn()
  expect(begun).toHaveLength(1)

  answers.push(ask(2))
  vi.advanceTimersByTime(3)
  answers.push(ask(3))
  vi.advanceTimersByTime(1)
  await nextTurn()
  expect(begun).toHaveLength(1)
  vi.advanceTimersByTime(1)
  expect(begun[1]?.keys).toEqual([2, 3])

  begun.forEach(({ answer }) => answer())
  await Promise.all(answers)
  vi.advanceTimersByTime(5)
  answers.push(ask(4))
  await nextTurn()
  begun[2]?.answer()
  expect(await Promise.all(answers)).toEqual([2, 4, 6, 8])
})

it('does not pause while whole batches are waiting', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] })
  const { begun, ask } = reads({ pauseMs: 5 })
  const nextTurn = () => new Promise((resolve) => setImmediate(resolve))
  const answers = Array.from({ length: 129 }, (_, n) => ask(n))
  await nextTurn()
  await nextTurn()
  expect(begun.map(({ keys }) => keys.length)).toEqual([64, 64])

  begun.forEach(({ answer }) => answer())
  await Promise.all(answers.slice(0, 128))
  await nextTurn()
  expect(begun).toHaveLength(2)
  vi.advanceTimersByTime(5)
  begun[2]?.answer()
  expect(await answers[128]).toBe(256)
})
