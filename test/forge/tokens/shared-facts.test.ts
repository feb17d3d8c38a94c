import { expect, it } from 'vitest'

import { createShare } from '../../../forge/tokens/shared-facts.ts'

it('holds one copy of what many have, and never an old one', () => {
  const share = createShare()
  const before = share('team t1', { id: 't1', suspended: false })
  expect(share('team t1', { id: 't1', suspended: false })).toBe(before)

  const suspended = { id: 't1', suspended: true }
  expect(share('team t1', suspended)).toBe(suspended)
  expect(share('team t1', { id: 't1', suspended: false })).toEqual({ id: 't1', suspended: false })
})

it('takes nothing for the same by its name alone, nor what is the same by another name', () => {
  const share = createShare(1)
  const team = share('team t1', { id: 'x' })
  const user = share('user t1', { id: 'x' })
  expect(user).not.toBe(team)
  expect(share('team t1', { id: 'x' })).not.toBe(team)
})
