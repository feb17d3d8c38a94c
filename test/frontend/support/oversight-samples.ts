import type { Team } from '../../../forge/contract/host.ts'
import type { TeamToken } from '../../../forge/contract/oversight.ts'

export const TEAM: Team = {
  id: 't1',
  name: 'Line 4',
  slug: 'line-4',
  suspended: false,
  createdAt: '2026-01-01T09:00:00.000Z',
  role: 'owner',
  memberCount: 2,
  instanceCount: 3,
}

export const BOB = { id: 'u2', username: 'bob', name: 'Bob Berger' }

export const teamToken = (changes: Partial<TeamToken> = {}): TeamToken => ({
  id: 'k1',
  selector: '4hPq0ZcT7mRk',
  name: 'Claude Code',
  holder: BOB,
  role: 'member',
  readOnly: true,
  tools: null,
  grants: [{ type: 'application', id: 'a1', name: 'Packaging' }],
  access: { allowed: true, role: 'viewer', readOnly: true, mcpOnly: false },
  state: 'active',
  endReason: null,
  approval: null,
  cutOff: false,
  createdAt: '2026-11-20T09:00:00.000Z',
  expiresAt: '2026-12-20T09:00:00.000Z',
  lastUse: {
    at: '2026-11-23T07:00:00.000Z',
    instance: { id: 'i1', name: 'packer' },
    client: 'claude-code 2.1',
    address: null,
  },
  ...changes,
})
