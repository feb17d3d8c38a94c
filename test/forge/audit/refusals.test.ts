import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { AuditEntry } from '../../../forge/audit/entry.ts'
import { createRefusals, type Refusal, type Refusals } from '../../../forge/audit/refusals.ts'
import { laptop } from './entries.ts'
import { eventually } from '../../support/eventually.ts'

const packer = { id: 'instance-1', name: 'packer' }
const refusal: Refusal = {
  actor: { type: 'instance', instanceId: packer.id, instanceName: packer.name, requestId: 'r', address: '192.0.2.9' },
  token: laptop,
  scopes: [{ type: 'user', id: laptop.owner.id, name: laptop.owner.username }],
  reason: 'token_not_expired',
  instance: packer,
}

let written: AuditEntry[]
let refusals: Refusals

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-23T08:00:00.000Z') })
  written = []
  refusals = createRefusals(async (entry) => void written.push(entry), fail, 3)
})
afterEach(async () => {
  vi.useRealTimers()
  await refusals.close()
})

function fail(error: unknown): never {
  throw error
}

const note = (times: number, changes: Partial<Refusal> = {}) => {
  for (let n = 0; n < times; n++) refusals.note({ ...refusal, ...changes })
}
const counts = () => written.map(({ event, body }) => [event, 'count' in body ? body.count : null])

describe('createRefusals', () => {
  it('writes the first refusal at once', async () => {
    note(1)
    await eventually(() => expect(written).toHaveLength(1))

    expect(written[0]).toEqual({
      event: 'user.pat.refused',
      actor: refusal.actor,
      token: laptop,
      scopes: refusal.scopes,
      body: { reason: 'token_not_expired', instance: packer, count: 1, since: '2026-11-23T08:00:00.000Z' },
    })
  })

  it('writes a thousand that repeat it as one entry', async () => {
    note(1)
    vi.setSystemTime('2026-11-23T08:00:05.000Z')
    note(1000)
    await refusals.flush()

    expect(counts()).toEqual([
      ['user.pat.refused', 1],
      ['user.pat.refused', 1000],
    ])
    expect(written[1]?.body).toMatchObject({ since: '2026-11-23T08:00:05.000Z' })
  })

  it('writes one entry a minute while they go on', async () => {
    note(10)
    await refusals.flush()
    note(10)
    await refusals.flush()

    expect(counts().map(([, count]) => count)).toEqual([1, 9, 10])
  })

  it('begins anew after a minute without one', async () => {
    note(2)
    await refusals.flush()
    await refusals.flush()
    note(1)
    await refusals.flush()

    expect(counts().map(([, count]) => count)).toEqual([1, 1, 1])
  })

  it.each([
    ['token', { token: { ...laptop, id: 'another' } }],
    ['reason', { reason: 'wrong_secret' }],
    ['instance', { instance: { id: 'instance-2', name: 'labeller' } }],
  ])('keeps what has another %s apart', async (_, changes) => {
    note(1)
    note(1, changes)
    await refusals.flush()

    expect(counts().map(([, count]) => count)).toEqual([1, 1])
  })

  it('counts together what is more than it keeps apart', async () => {
    for (let n = 0; n < 10; n++) note(2, { token: { ...laptop, id: `token-${n}` } })
    await refusals.flush()

    expect(counts()).toEqual([...Array(6).fill(['user.pat.refused', 1]), ['platform.pat.refusals-dropped', 14]])
  })

  it('writes what is left when it closes', async () => {
    note(3)
    await refusals.close()

    expect(counts().map(([, count]) => count)).toEqual([1, 2])
  })

  it('goes on after an entry that could not be written', async () => {
    const onError = vi.fn()
    const failing = createRefusals(() => Promise.reject(new Error('disk full')), onError)
    failing.note(refusal)
    failing.note(refusal)
    await failing.close()

    expect(onError).toHaveBeenCalledTimes(2)
  })
})
