import { expect, it } from 'vitest'

import { createRecent, type Linked } from '../../../forge/tokens/recent.ts'

interface Entry extends Linked<Entry> {
  key: string
}

const entry = (key: string): Entry => ({ key, newer: null, older: null })
const drained = (recent: ReturnType<typeof createRecent<Entry>>) =>
  Array.from({ length: recent.size }, () => recent.dropOldest()?.key).join('')

it.each([
  ['the first', 'a', 'bca'],
  ['the middle one', 'b', 'acb'],
  ['the last', 'c', 'abc'],
  ['none that is there', 'x', 'abc'],
])('lets go of what was used least recently, when %s was used again', (_which, used, order) => {
  const recent = createRecent<Entry>()
  for (const key of 'abc') recent.add(entry(key))

  expect(recent.get(used)?.key).toBe('abc'.includes(used) ? used : undefined)
  expect(drained(recent)).toBe(order)
})

it('is whole again after it was empty', () => {
  const recent = createRecent<Entry>()
  recent.add(entry('a'))
  expect(recent.dropOldest()?.key).toBe('a')
  expect(recent.dropOldest()).toBeNull()
  expect([recent.size, recent.get('a')]).toEqual([0, undefined])

  for (const key of 'bc') recent.add(entry(key))
  expect(drained(recent)).toBe('bc')
})
