import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decide } from '../../../forge/access/decide.ts'
import { allowedTools, type LiveFacts, type Question, type TokenFacts } from '../../../forge/access/rules.ts'
import { DEFAULT_POLICY, type TokenPolicy } from '../../../forge/contract/policy.ts'
import { ROLE_LEVELS, ROLES } from '../../../forge/contract/role-levels.ts'
import type { JudgedTool } from '../../../forge/contract/tool.ts'

const now = Date.parse('2026-11-23T12:00:00Z')

const DAY_MS = 86_400_000

const token: TokenFacts = {
  role: 'member',
  readOnly: false,
  tools: null,
  grants: [{ type: 'instance', id: 'i1' }],
  createdAt: now - DAY_MS,
  expiresAt: now + 1000,
  revokedAt: null,
  retiresAt: null,
  endNoted: false,
}
const live: LiveFacts = {
  user: { id: 'u1', suspended: false },
  team: { id: 't1', suspended: false },
  instance: { id: 'i1', applicationId: 'a1', production: false },
  teamRoleLevel: 50,
  overrideLevel: null,
  policy: DEFAULT_POLICY,
  approved: false,
  cutOff: false,
}

interface Change {
  token?: Partial<TokenFacts>
  live?: Partial<LiveFacts> | null
  policy?: Partial<TokenPolicy>
  tool?: Partial<JudgedTool>
}

const ask = (change: Change = {}) => {
  const question: Question = {
    now,
    token: { ...token, ...change.token },
    live: change.live === null ? null : { ...live, ...change.live, policy: { ...DEFAULT_POLICY, ...change.policy } },
  }
  return decide(change.tool ? { ...question, tool: { name: 'dose', ...change.tool } } : question)
}

/** A token that was exchanged for the one that is asked about. */
const parent = { ...token, id: 'p1' }

const refusedBy = (answer: ReturnType<typeof decide>) => (answer.allowed ? null : answer.rules.at(-1)?.rule)

const production = { instance: { ...live.instance, production: true } }

describe('decide', () => {
  it('allows with the lower of cap and live role', () => {
    expect(ask()).toMatchObject({ allowed: true, role: 'member', readOnly: false })
    expect(ask({ live: { teamRoleLevel: 10 } })).toMatchObject({ allowed: true, role: 'viewer' })
  })

  it('lets an override replace the team role, up and down', () => {
    expect(ask({ live: { overrideLevel: 5 } })).toMatchObject({ role: 'dashboard' })
    expect(ask({ live: { teamRoleLevel: 5, overrideLevel: 50 } })).toMatchObject({ role: 'member' })
  })

  it.each([
    ['token_not_revoked', { token: { revokedAt: now } }],
    ['token_not_expired', { token: { expiresAt: now - 1 } }],
    ['token_not_expired', { token: { expiresAt: now } }],
    ['token_not_retired', { token: { retiresAt: now } }],
    // What has ended by the database's clock has ended, however far behind this one is.
    ['token_not_expired', { token: { endNoted: true } }],
    ['token_not_retired', { token: { endNoted: true, retiresAt: now + 1 } }],
    ['parent_alive', { token: { parents: [{ ...parent, endNoted: true }] } }],
    ['parent_alive', { token: { parents: [{ ...parent, revokedAt: 0 }] } }],
    ['parent_alive', { token: { parents: [parent, { ...parent, expiresAt: now }] } }],
    ['parent_alive', { token: { parents: [{ ...parent, retiresAt: now }, parent] } }],
    ['instance_exists', { live: null }],
    ['instance_granted', { token: { parents: [{ ...parent, grants: [] }] } }],
    ['policy_lifetime', { token: { parents: [{ ...parent, createdAt: 0, expiresAt: now + 1 }] } }],
    ['instance_granted', { token: { grants: [{ type: 'instance' as const, id: 'i2' }] } }],
    ['instance_granted', { token: { grants: [] } }],
    ['user_not_suspended', { live: { user: { id: 'u1', suspended: true } } }],
    ['team_not_suspended', { live: { team: { id: 't1', suspended: true } } }],
    ['team_member', { live: { teamRoleLevel: null } }],
    ['team_member', { live: { teamRoleLevel: null, overrideLevel: 50 } }],
    ['role_in_application', { live: { overrideLevel: 0 } }],
    ['role_in_application', { live: { teamRoleLevel: 40 } }],
    ['not_cut_off', { live: { cutOff: true } }],
    ['policy_enabled', { policy: { enabled: false } }],
    ['policy_grant_type', { policy: { grantTypes: ['application' as const, 'team' as const] } }],
    ['policy_lifetime', { token: { createdAt: now - 7 * DAY_MS }, policy: { maxLifetimeDays: 7 } }],
    ['policy_expiry', { token: { expiresAt: null } }],
    ['policy_approval', { live: production, policy: { productionNeedsApproval: true } }],
  ])('refuses by %s: %j', (rule, change) => {
    expect(refusedBy(ask(change))).toBe(rule)
  })

  it('lives until the last millisecond before it expires', () => {
    expect(ask({ token: { expiresAt: now + 1 } }).allowed).toBe(true)
  })

  it('never ends a token without an expiry by time', () => {
    expect(ask({ token: { expiresAt: null }, policy: { allowNoExpiry: true, maxLifetimeDays: 1 } }).allowed).toBe(true)
  })

  it('lives until the last millisecond of grace after a rotation', () => {
    expect(ask({ token: { retiresAt: now + 1 } }).allowed).toBe(true)
  })

  it('lives until the last millisecond of the longest life that the team allows', () => {
    const change = { token: { createdAt: now - 7 * DAY_MS + 1 }, policy: { maxLifetimeDays: 7 } }
    expect(ask(change).allowed).toBe(true)
  })

  it('is worth no more than the policy allows', () => {
    expect(ask({ policy: { maxRole: 'viewer' } })).toMatchObject({ allowed: true, role: 'viewer' })
    expect(ask({ policy: { readOnlyOnly: true } })).toMatchObject({ allowed: true, readOnly: true })
    expect(ask({ policy: { mcpOnly: true } })).toMatchObject({ allowed: true, mcpOnly: true })
  })

  it('accepts one allowed grant beside one that the policy forbids', () => {
    const grants = [
      { type: 'instance' as const, id: 'i1' },
      { type: 'team' as const, id: 't1' },
    ]
    expect(ask({ token: { grants }, policy: { grantTypes: ['team'] } }).allowed).toBe(true)
  })

  it('asks for approval on production only', () => {
    expect(ask({ policy: { productionNeedsApproval: true } }).allowed).toBe(true)
    const approved = { live: { ...production, approved: true }, policy: { productionNeedsApproval: true } }
    expect(ask(approved).allowed).toBe(true)
  })

  it.each([
    { type: 'instance', id: 'i1' },
    { type: 'application', id: 'a1' },
    { type: 'team', id: 't1' },
  ] as const)('accepts a grant of the %o', (grant) => {
    expect(ask({ token: { grants: [grant] } }).allowed).toBe(true)
  })

  it('does not take the id of one kind of target for another', () => {
    expect(ask({ token: { grants: [{ type: 'team', id: 'i1' }] } }).allowed).toBe(false)
  })

  it('says which rules it looked at, in order, and why the last one refused', () => {
    const answer = ask({ live: { user: { id: 'u1', suspended: true } } })
    expect(answer.rules).toEqual([
      { rule: 'token_not_revoked', reason: null },
      { rule: 'token_not_retired', reason: null },
      { rule: 'token_not_expired', reason: null },
      { rule: 'parent_alive', reason: null },
      { rule: 'instance_exists', reason: null },
      { rule: 'instance_granted', reason: null },
      { rule: 'user_not_suspended', reason: 'The person is suspended.' },
    ])
  })

  it('is worth the least of the line that it came of', () => {
    const parents = [
      { ...parent, tools: ['dose', 'mix'] },
      { ...parent, role: 'viewer' as const, readOnly: true },
    ]
    expect(ask({ token: { parents } })).toMatchObject({ allowed: true, role: 'viewer', readOnly: true })
    expect(allowedTools({ ...token, tools: ['mix', 'fill'], parents })).toEqual(['mix'])
    expect(allowedTools(token)).toBeNull()
  })

  it('asks the role that a tool needs', () => {
    expect(refusedBy(ask({ tool: {} }))).toBe('tool_role')
    expect(ask({ tool: { hints: { destructiveHint: false } } }).allowed).toBe(true)
    expect(ask({ tool: { hints: { readOnlyHint: true } } }).allowed).toBe(true)
  })

  it('lets an owner ask another role of a tool than its hints do', () => {
    const open = { off: false, minimumRole: null, people: null }
    expect(ask({ tool: { override: { ...open, minimumRole: 'member' } } }).allowed).toBe(true)
    const forOwners = { hints: { readOnlyHint: true }, override: { ...open, minimumRole: 'owner' as const } }
    expect(refusedBy(ask({ tool: forOwners }))).toBe('tool_role')
  })

  it('asks for nobody when a tool is off, and for certain people when they are named', () => {
    const reads = { hints: { readOnlyHint: true } }
    const named = (people: string[]) => ({ ...reads, override: { off: false, minimumRole: null, people } })

    const off = { off: true, minimumRole: null, people: ['u1'] }
    expect(refusedBy(ask({ tool: { ...reads, override: off } }))).toBe('tool_on')
    expect(refusedBy(ask({ tool: named(['u2']) }))).toBe('tool_person')
    expect(ask({ tool: named(['u1']) }).allowed).toBe(true)
  })

  it('asks a named person for the role all the same', () => {
    const override = { off: false, minimumRole: 'owner' as const, people: ['u1'] }
    expect(refusedBy(ask({ tool: { override } }))).toBe('tool_role')
  })

  it('keeps a token to the tools that it lists', () => {
    const tool = { hints: { readOnlyHint: true } }
    expect(refusedBy(ask({ tool, token: { tools: ['read'] } }))).toBe('tool_listed')
    expect(refusedBy(ask({ tool, token: { tools: [] } }))).toBe('tool_listed')
    expect(ask({ tool, token: { tools: ['read', 'dose'] } }).allowed).toBe(true)
  })

  it('keeps a read-only token from a tool that writes', () => {
    const readOnly = { token: { readOnly: true } }
    expect(refusedBy(ask({ ...readOnly, tool: { hints: { destructiveHint: false } } }))).toBe('tool_read_only')
    expect(ask({ ...readOnly, tool: { hints: { readOnlyHint: true, destructiveHint: true } } }).allowed).toBe(true)
  })

  it('never makes a token worth more than its cap or its owner', () => {
    const level = fc.option(fc.constantFrom(0, 5, 10, 30, 40, 50, 99), { nil: null })
    fc.assert(
      fc.property(fc.constantFrom(...ROLES), level, level, (cap, teamRoleLevel, overrideLevel) => {
        const answer = ask({ token: { role: cap }, live: { teamRoleLevel, overrideLevel } })
        if (!answer.allowed) return

        expect(ROLE_LEVELS[answer.role]).toBeLessThanOrEqual(ROLE_LEVELS[cap])
        expect(ROLE_LEVELS[answer.role]).toBeLessThanOrEqual(overrideLevel ?? teamRoleLevel ?? 0)
        expect(teamRoleLevel).not.toBeNull()
      }),
    )
  })
})
