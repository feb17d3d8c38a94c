import { describe, expect, it } from 'vitest'

import { createRing } from '../../../forge/instances/ring.ts'

const itemsSince = (ring: ReturnType<typeof createRing<string>>, id: string) => ring.since(id)?.map(({ item }) => item)

describe('a ring', () => {
  it('tells what came after an id', () => {
    const ring = createRing<string>(3)
    const before = ring.latestId()
    const first = ring.add('a')
    ring.add('b')

    expect(itemsSince(ring, before)).toEqual(['a', 'b'])
    expect(itemsSince(ring, first)).toEqual(['b'])
    expect(itemsSince(ring, ring.latestId())).toEqual([])
  })

  it('gives each item the id that it was added with', () => {
    const ring = createRing<string>(3)
    const before = ring.latestId()
    const id = ring.add('a')

    expect(ring.since(before)).toEqual([{ id, item: 'a' }])
  })

  it('does not know what came after an id of too long ago', () => {
    const ring = createRing<string>(3)
    const before = ring.latestId()
    const ids = ['a', 'b', 'c', 'd'].map((item) => ring.add(item))

    expect(ring.since(before)).toBeNull()
    expect(itemsSince(ring, ids[0] ?? '')).toEqual(['b', 'c', 'd'])
  })

  it('does not know what came after something that was not said', () => {
    const ring = createRing<string>(3)
    const before = ring.add('a')
    ring.skip()

    expect(ring.since(before)).toBeNull()
    expect(itemsSince(ring, ring.latestId())).toEqual([])
    const after = ring.latestId()
    ring.add('b')
    expect(itemsSince(ring, after)).toEqual(['b'])
  })

  it.each(['', 'nonsense', '0123456789abcdef-0', '-1', 'x'.repeat(10_000)])('knows nothing of the id %j', (id) => {
    expect(createRing<string>(3).since(id)).toBeNull()
  })

  it('knows nothing of an id of another process, or of one that is still to come', () => {
    const ring = createRing<string>(3)
    const [epoch] = ring.latestId().split('-')

    expect(ring.since(createRing<string>(3).latestId())).toBeNull()
    expect(ring.since(`${epoch}-1`)).toBeNull()
  })
})
