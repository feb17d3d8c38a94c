import { describe, expect, it } from 'vitest'

import type { Token } from '../../../forge/contract/token.ts'
import { gradeOf, healthOf } from '../../../frontend/domain/health.ts'
import { listTargets } from '../../../frontend/domain/reach.ts'
import { worthOf } from '../../../frontend/domain/worth.ts'
import { NOW, TARGETS, token, use } from '../support/samples.ts'

const targets = listTargets(TARGETS)
const byKey = new Map(targets.map((each) => [each.key, each]))
const daysAgo = (days: number) => new Date(NOW - days * 86_400_000).toISOString()
const findings = (changes: Partial<Token>) => healthOf(token(changes), targets, NOW).findings
const instance = (id: string, name: string) => [{ type: 'instance' as const, id, name }]

describe('healthOf', () => {
  it('finds nothing about a young read-only token for one instance', () => {
    expect(healthOf(token(), targets, NOW)).toEqual({ score: 100, findings: [] })
  })

  it.each([
    [
      'may write on production',
      { grants: instance('i3', 'meter'), role: 'member', readOnly: false },
      { readOnly: true },
    ],
    ['never ends', { expiresAt: null }, { expiresAt: '2027-02-21T09:00:00.000Z' }],
    ['may destroy', { role: 'owner', readOnly: false }, { role: 'member' }],
    ['has a cap above its owner’s role', { role: 'owner' }, { role: 'member' }],
    [
      'grows with its application',
      { grants: [{ type: 'application', id: 'a1', name: 'Packaging' }] },
      {
        grants: [
          { type: 'instance', id: 'i1' },
          { type: 'instance', id: 'i2' },
        ],
      },
    ],
  ] as const)('mends one that %s by one change', (_, changes, expected) => {
    const [first] = findings(changes as unknown as Partial<Token>)
    expect(first?.fix).toEqual({ kind: 'change', change: expected })
  })

  it.each([
    ['unused', { createdAt: daysAgo(60) }, 'revoke'],
    ['unused-long', { createdAt: daysAgo(91) }, 'revoke'],
    ['old', { createdAt: daysAgo(181), lastUse: use(daysAgo(1), 'packer') }, 'replace'],
  ] as const)('finds that one is %s', (finding, changes, kind) => {
    expect(findings(changes)).toEqual([{ finding, fix: { kind } }])
  })

  it('proposes no longer life than the team allows', () => {
    const [team, ...others] = TARGETS.teams
    const strict = {
      teams: [{ ...team, policy: { ...team?.policy, maxLifetimeDays: 7 } }, ...others],
    } as typeof TARGETS
    expect(healthOf(token({ expiresAt: null }), listTargets(strict), NOW).findings[0]?.fix).toEqual({
      kind: 'change',
      change: { expiresAt: '2026-11-30T09:00:00.000Z' },
    })
  })

  it('takes points for each finding, and none below zero', () => {
    const worst = token({
      role: 'owner',
      readOnly: false,
      expiresAt: null,
      createdAt: daysAgo(400),
      grants: instance('i3', 'meter'),
    })
    const { score, findings: all } = healthOf(worst, targets, NOW)
    expect(all.map(({ finding }) => finding)).toEqual([
      'writes-production',
      'unused-long',
      'endless',
      'destroys',
      'old',
      'over-cap',
    ])
    expect([score, gradeOf(score)]).toEqual([0, 'poor'])
  })

  it('leaves what has ended in peace', () => {
    expect(findings({ state: 'revoked', expiresAt: null })).toEqual([])
  })
})

describe('worthOf', () => {
  it.each([
    ['its cap, where its owner is as much', { role: 'member' }, ['member', 'member', 'nowhere']],
    ['less, where its owner is less', { role: 'owner' }, ['member', 'member', 'everywhere']],
    [
      'less in some places',
      { role: 'member', grants: [...instance('i1', 'packer'), ...instance('i3', 'meter')] },
      ['member', 'dashboard', 'somewhere'],
    ],
    [
      'nothing, where its owner reaches nothing any more',
      { grants: instance('i9', 'gone') },
      [null, null, 'everywhere'],
    ],
  ] as const)('is %s', (_, changes, [highest, lowest, capped]) => {
    expect(worthOf(token(changes as unknown as Partial<Token>), byKey)).toMatchObject({ highest, lowest, capped })
  })

  it('is no more than the policy of the team leaves', () => {
    const [team, ...others] = TARGETS.teams
    const policy = { ...team?.policy, maxRole: 'viewer', readOnlyOnly: true }
    const strict = listTargets({ teams: [{ ...team, policy }, ...others] } as typeof TARGETS)
    const worth = worthOf(token({ role: 'member', readOnly: false }), new Map(strict.map((each) => [each.key, each])))
    expect(worth).toEqual({ highest: 'viewer', lowest: 'viewer', readOnly: true, capped: 'everywhere' })
  })
})
