import { describe, expect, it } from 'vitest'

import { createEntryIds, lowestIdAt } from '../../../forge/audit/entry-id.ts'

const NOW = Date.parse('2026-11-23T08:00:00.000Z')

describe('createEntryIds', () => {
  it('makes UUIDs of version 7', () => {
    const id = createEntryIds()(NOW)

    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(parseInt(id.slice(0, 13).replace('-', ''), 16)).toBe(NOW)
  })

  it('keeps the order within a millisecond', () => {
    const next = createEntryIds()
    const ids = Array.from({ length: 1000 }, () => next(NOW))

    expect([...ids].sort()).toEqual(ids)
    expect(new Set(ids).size).toBe(1000)
  })

  it('follows a clock that is set back', () => {
    const next = createEntryIds()
    const late = next(NOW)

    expect(next(NOW - 1) < late).toBe(true)
  })
})

describe('lowestIdAt', () => {
  it('is below what was written then, and above what was written before', () => {
    const next = createEntryIds()

    expect(lowestIdAt(NOW) < next(NOW)).toBe(true)
    expect(lowestIdAt(NOW) > next(NOW - 1)).toBe(true)
  })

  it.each([
    ['before 1970', -1, '00000000-0000-0000-0000-000000000000'],
    ['after the year 10889', 2 ** 50, 'ffffffff-ffff-0000-0000-000000000000'],
  ])('stays an id for a time %s', (_, at, id) => {
    expect(lowestIdAt(at)).toBe(id)
  })
})
