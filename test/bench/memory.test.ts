import { expect, it } from 'vitest'

import { growth } from './memory.ts'

it.each([
  ['what grows', [100, 101, 102, 103, 104, 105, 106, 107, 108], 6],
  ['nothing, where something fills and is emptied again', [100, 105, 102, 107, 101, 106, 104, 100, 107], 0],
  ['what stays after that', [100, 105, 102, 107, 101, 106, 104, 103, 107], 3],
  ['nothing of a single look', [100], 0],
])('counts %s', (_what, used, expected) => {
  expect(growth(used)).toBe(expected)
})
