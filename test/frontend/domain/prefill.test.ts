import { describe, expect, it } from 'vitest'

import { NO_PREFILL, prefillFromLink, prefillFromToken } from '../../../frontend/domain/prefill.ts'
import { listTargets } from '../../../frontend/domain/reach.ts'
import { TARGETS, token } from '../support/samples.ts'

const targets = listTargets(TARGETS)
const fromLink = (query: Record<string, string>) => prefillFromLink(query, targets)

describe('a link', () => {
  it('fills in what it names, and marks it', () => {
    const { client, fields, marks, notes } = fromLink({
      client: 'cursor',
      name: 'Night shift',
      grants: 'instance:i1,application:a2',
      role: 'viewer',
      readOnly: 'true',
      expires: '7',
    })
    expect(client).toBe('cursor')
    expect(fields).toEqual({
      name: 'Night shift',
      chosen: new Set(['instance:i1', 'application:a2']),
      role: 'viewer',
      readOnly: true,
      expiry: { kind: 'days', days: 7 },
    })
    expect([...marks].sort()).toEqual(['chosen', 'client', 'expiry', 'name', 'readOnly', 'role'])
    expect(notes).toEqual([])
  })

  it.each(['owner', 'member'])('gives no more than Viewer when it asks for %s, and says so', (role) => {
    const { fields, notes } = fromLink({ role })
    expect(fields.role).toBe('viewer')
    expect(notes.join()).toContain('A link gives no more than Viewer')
  })

  it('never lets a token write', () => {
    const { fields, notes } = fromLink({ readOnly: 'false' })
    expect(fields).toEqual({})
    expect(notes.join()).toContain('A link gives read-only tokens')
  })

  it.each(['0', '367', '-1', 'never', '1e3', ''])('sets no end from “%s”', (expires) => {
    expect(fromLink({ expires }).fields.expiry).toBeUndefined()
  })

  it('takes a day for the end', () => {
    expect(fromLink({ expires: '2026-12-24' }).fields.expiry).toEqual({ kind: 'date', day: '2026-12-24' })
  })

  it('leaves out what the person does not reach, and says how much', () => {
    const { fields, notes } = fromLink({ grants: 'instance:i1,instance:foreign,team:t9' })
    expect(fields.chosen).toEqual(new Set(['instance:i1']))
    expect(notes).toEqual(['The link names 2 places that you do not reach. They were left out.'])
  })

  it('is nothing when it names nothing that is understood', () => {
    expect(fromLink({ client: 'no such client', role: 'admin', utm_source: 'mail' })).toBe(NO_PREFILL)
  })
})

describe('another token', () => {
  it('is copied whole, with the life that it had', () => {
    const grants = [{ type: 'instance' as const, id: 'i1', name: 'packer' }]
    const one = token({ role: 'member', readOnly: false, tools: ['read_metrics'], grants })
    expect(prefillFromToken(one, targets)).toEqual({
      client: '',
      fields: {
        name: 'Claude Code (copy)',
        description: '',
        chosen: new Set(['instance:i1']),
        role: 'member',
        readOnly: false,
        tools: new Set(['read_metrics']),
        expiry: { kind: 'days', days: 30 },
      },
      marks: new Set(),
      notes: [],
      from: 'token',
    })
  })

  it('loses what is out of reach', () => {
    const { notes } = prefillFromToken(token({ grants: [{ type: 'instance', id: 'gone', name: null }] }), targets)
    expect(notes).toEqual(['1 place of the other token is out of your reach now. It was left out.'])
  })
})
