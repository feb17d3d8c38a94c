import { describe, expect, it } from 'vitest'

import type { AuditLogEntry } from '../../../forge/contract/audit.ts'
import {
  auditQuery,
  describeActor,
  describeBody,
  eventTitle,
  NO_AUDIT_FILTERS,
} from '../../../frontend/domain/audit.ts'

const entry = (changes: Partial<AuditLogEntry>): AuditLogEntry => ({
  id: 'e1',
  createdAt: '2026-11-23T09:00:00.000Z',
  username: 'bob',
  event: 'team.tokenPolicy.updated',
  source: null,
  scope: { id: 't1', type: 'team', name: 'Line 4' },
  trigger: { id: 'u2', type: 'user', name: 'bob' },
  body: { updates: [] },
  occurrenceId: 'o1',
  token: null,
  sessionId: null,
  requestId: null,
  address: null,
  ...changes,
})

describe('describeBody', () => {
  it('says a change of the policy in the words of its editor', () => {
    const updates = [
      { key: 'maxRole', old: 'owner', new: 'viewer' },
      { key: 'ssoFreshnessDays', old: null, new: 7 },
    ]
    expect(describeBody(entry({ body: { updates } }))).toEqual([
      'Highest role: Owner → Viewer',
      'Sign-in through the identity provider: within 30 days → within 7 days',
    ])
  })

  it('says how far a revocation goes', () => {
    const grants = [
      { type: 'application', id: 'a1' },
      { type: 'instance', id: 'i1' },
    ]
    const event = 'team.pat.revoked'
    expect(describeBody(entry({ event, body: { grants, instance: null } }))).toEqual([
      'In the whole team',
      'Reaches 1 application, 1 instance',
    ])
  })

  it('says nothing of an event that a newer forge has written', () => {
    const unknown = entry({ event: 'user.pat.teleported', body: { to: 'the moon' } })
    expect([eventTitle(unknown), describeBody(unknown)]).toEqual(['user.pat.teleported', []])
  })
})

describe('describeActor', () => {
  it('names the token that acted for a person', () => {
    const token = { id: 'k1', name: 'Claude Code', ownerId: 'u2', ownerName: 'bob' }
    const trigger = { id: 'k1', type: 'token' as const, name: 'Claude Code' }
    expect(describeActor(entry({ token, trigger }))).toBe('bob, by the token “Claude Code”')
  })
})

describe('auditQuery', () => {
  it('counts the last day to its end, in local time', () => {
    const query = auditQuery({ ...NO_AUDIT_FILTERS, from: '2026-11-20', to: '2026-11-20' })
    expect([query.from, query.to]).toEqual([
      new Date('2026-11-20T00:00:00').toISOString(),
      new Date('2026-11-21T00:00:00').toISOString(),
    ])
  })

  it('leaves out what it does not understand', () => {
    expect(auditQuery({ event: 'no.such', person: 'bob', from: 'soon', to: '2026-13-40' })).toEqual({ username: 'bob' })
  })
})
