import { describe, expect, it } from 'vitest'

import { createListeners, EVERYTHING, parseChange } from '../../../forge/changes/change.ts'
import type { Changes } from '../../../forge/changes/changes.ts'
import { createLedger } from '../../../forge/changes/ledger.ts'

/** Changes that the test tells itself. */
function source() {
  const listeners = createListeners()
  const changes: Changes = {
    onChange: listeners.add,
    isCurrent: async () => true,
    settled: async () => undefined,
    healthy: true,
    start: async () => undefined,
    close: async () => undefined,
  }
  return { changes, tell: (text: string) => listeners.tell(text === 'all' ? EVERYTHING : parseChange(text)) }
}

describe('a ledger', () => {
  it('says that what has changed after the mark does not hold, and everything else does', () => {
    const { changes, tell } = source()
    const ledger = createLedger([changes])
    const mark = ledger.mark()
    tell('user alice')

    expect(ledger.holds(mark, () => ({ user: ['alice'] }))).toBe(false)
    expect(ledger.holds(mark, () => ({ user: ['bob'], token: ['alice'], team: ['alice'], instance: ['alice'] }))).toBe(
      true,
    )
    expect(ledger.holds(ledger.mark(), () => ({ user: ['alice'] }))).toBe(true)
  })

  it('knows of a change that came while something was being read', () => {
    const { changes, tell } = source()
    const ledger = createLedger([changes])
    const beforeReading = ledger.mark()
    tell('token t team somewhere')

    expect(ledger.holds(beforeReading, () => ({ token: ['t'] }))).toBe(false)
  })

  it('lets nothing hold when anything may have changed', () => {
    const { changes, tell } = source()
    const ledger = createLedger([changes])
    const mark = ledger.mark()
    tell('all')

    expect(ledger.holds(mark, () => ({}))).toBe(false)
    expect(ledger.holds(ledger.mark(), () => ({ token: ['t'] }))).toBe(true)
  })

  it('forgets one by one and counts all as old once there are too many, never the other way round', () => {
    const { changes, tell } = source()
    const ledger = createLedger([changes], 3)
    const mark = ledger.mark()
    for (const id of ['a', 'b', 'c']) tell(`token ${id}`)
    expect(ledger.holds(mark, () => ({ token: ['z'] }))).toBe(true)
    tell('token d')

    for (const id of ['a', 'b', 'c', 'd', 'z']) expect(ledger.holds(mark, () => ({ token: [id] }))).toBe(false)
    expect(ledger.holds(ledger.mark(), () => ({ token: ['a'] }))).toBe(true)
  })

  it('has no interest in rules of tools', () => {
    const { changes, tell } = source()
    const ledger = createLedger([changes])
    const mark = ledger.mark()
    tell('rules packer')

    expect(ledger.holds(mark, () => ({ instance: ['packer'] }))).toBe(true)
  })
})
