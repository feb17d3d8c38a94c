import { describe, expect, it } from 'vitest'

import type { GroupMapping } from '../../../../forge/contract/sso.ts'
import { rolesFromGroups, type ManagedTeam } from '../../../../forge/host/sso/groups.ts'

const LINE_4: ManagedTeam = {
  id: 'team-1',
  slug: 'line-4',
  applications: [
    { id: 'app-1', name: 'Packaging' },
    { id: 'app-2', name: 'Twin' },
    { id: 'app-3', name: 'Twin' },
  ],
}
const LINE: ManagedTeam = { id: 'team-2', slug: 'line', applications: [] }
const PLAIN: GroupMapping = { prefix: '', suffix: '', custom: [] }

/** What groups come to, in a form that is read at a glance. */
function map(groups: string[], mapping: Partial<GroupMapping> = {}) {
  const { teams, ignored } = rolesFromGroups(groups, { ...PLAIN, ...mapping }, [LINE_4, LINE])
  return {
    teams: Object.fromEntries(
      teams.map(({ teamId, role, overrides }) => [teamId, [role, Object.fromEntries(overrides)]]),
    ),
    ignored,
  }
}

describe('rolesFromGroups', () => {
  it.each(['dashboard', 'viewer', 'member', 'owner'])('reads the team role %s', (role) => {
    expect(map([`ff-line-4-${role}`])).toEqual({ teams: { 'team-1': [role, {}] }, ignored: [] })
  })

  it('lets the highest of several groups win, in whatever order', () => {
    expect(map(['ff-line-4-viewer', 'ff-line-4-owner', 'ff-line-4-member']).teams).toEqual({ 'team-1': ['owner', {}] })
    expect(map(['ff-line-4-owner', 'ff-line-4-viewer']).teams).toEqual({ 'team-1': ['owner', {}] })
  })

  it('replaces the role in an application, by its name or its id', () => {
    const groups = ['ff-line-4-member', 'ff-line-4[Packaging]-owner', 'ff-line-4[app-2]-none']
    expect(map(groups).teams).toEqual({ 'team-1': ['member', { 'app-1': 'owner', 'app-2': 'none' }] })
  })

  it('lets the highest role of an application win over none', () => {
    const groups = ['ff-line-4-member', 'ff-line-4[Packaging]-none', 'ff-line-4[app-1]-viewer']
    expect(map(groups).teams).toEqual({ 'team-1': ['member', { 'app-1': 'viewer' }] })
  })

  it('gives nothing in an application to who has no role in its team', () => {
    expect(map(['ff-line-4[Packaging]-owner']).teams).toEqual({})
  })

  it('takes nothing for two applications of one name', () => {
    const groups = ['ff-line-4-viewer', 'ff-line-4[Twin]-owner']
    expect(map(groups)).toEqual({ teams: { 'team-1': ['viewer', {}] }, ignored: ['ff-line-4[Twin]-owner'] })
  })

  it.each([
    'line-4-owner',
    'ff-line-4-admin',
    'ff-line-4-none',
    'ff-line-4-owner ',
    ' ff-line-4-owner',
    'FF-line-4-owner',
    'ff-other-owner',
    'ff--owner',
    'ff-line-4[]-owner',
    'ff-line-4[Packaging]-root',
    'ff-line-4-owner\nff-line-viewer',
    '__proto__',
    '',
  ])('ignores %j', (group) => {
    expect(map([group])).toEqual({ teams: {}, ignored: [group] })
  })

  it('tells slugs with hyphens apart', () => {
    expect(map(['ff-line-viewer', 'ff-line-4-owner']).teams).toEqual({
      'team-1': ['owner', {}],
      'team-2': ['viewer', {}],
    })
  })

  it('wants the prefix and the suffix where there are any', () => {
    const mapping = { prefix: 'acme-', suffix: '@corp' }
    const groups = ['acme-ff-line-4-owner@corp', 'ff-line-viewer', 'acme-ff-line-viewer', 'acme-@corp', 'acme-@cor']
    expect(map(groups, mapping)).toEqual({ teams: { 'team-1': ['owner', {}] }, ignored: groups.slice(1) })
  })

  it('takes custom groups as they are written, beside the others', () => {
    const custom = [
      { group: 'Maintenance', team: 'line-4', role: 'member' as const },
      { group: 'Maintenance', team: 'line-4', application: 'Packaging', role: 'none' as const },
      { group: 'Bosses', team: 'line', role: 'owner' as const },
      { group: 'Bosses', team: 'elsewhere', role: 'owner' as const },
    ]
    expect(map(['Maintenance', 'Bosses', 'bosses', 'ff-line-4-viewer'], { custom })).toEqual({
      teams: { 'team-1': ['member', { 'app-1': 'none' }], 'team-2': ['owner', {}] },
      ignored: ['bosses'],
    })
  })
})
