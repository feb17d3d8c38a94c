import { DEFAULT_POLICY as policy } from '../../../forge/contract/policy.ts'
import type { TokenTargets } from '../../../forge/contract/targets.ts'
import type { TokenTool } from '../../../forge/contract/tool-registry.ts'
import type { CreatedToken, Token, Use } from '../../../forge/contract/token.ts'

export const TARGETS: TokenTargets = {
  teams: [
    {
      id: 't1',
      name: 'Line 4',
      role: 'viewer',
      policy,
      sso: null,
      applications: [
        {
          id: 'a1',
          name: 'Packaging',
          role: 'member',
          instances: [
            { id: 'i1', name: 'packer', url: 'https://packer.example.com', production: false },
            { id: 'i2', name: 'labeller', url: 'https://labeller.example.com', production: false },
          ],
        },
        {
          id: 'a2',
          name: 'Metering',
          role: 'dashboard',
          instances: [{ id: 'i3', name: 'meter', url: 'https://m.example.com', production: true }],
        },
      ],
    },
    { id: 't2', name: 'Research', role: 'owner', policy, sso: null, applications: [] },
  ],
}

export const NOW = Date.parse('2026-11-23T09:00:00.000Z')

export const token = (changes: Partial<Token> = {}): Token => ({
  id: 'k1',
  selector: '4hPq0ZcT7mRk',
  name: 'Claude Code',
  description: '',
  role: 'viewer',
  readOnly: true,
  tools: null,
  grants: [{ type: 'instance', id: 'i1', name: 'packer' }],
  state: 'active',
  createdAt: '2026-11-20T09:00:00.000Z',
  expiresAt: '2026-12-20T09:00:00.000Z',
  revokedAt: null,
  endReason: null,
  rotation: { replaces: null, replacedBy: null, retiresAt: null, retiresOnFirstUse: false },
  approvals: [],
  lastUse: null,
  issuedVia: 'page',
  issuedTo: null,
  parentId: null,
  alarm: null,
  ...changes,
})

export const use = (at: string, instanceName: string, client: string | null = null): Use => ({
  at,
  instanceId: 'i1',
  instanceName,
  client,
  address: null,
})

// The checksum is wrong on purpose.
export const SECRET = 'ffpat_4hPq0ZcT7mRk_EXAMPLEexampleEXAMPLEexampleEXAMPLEexample0000000'
export const createdToken = (): CreatedToken => ({ ...token(), token: SECRET })

export const tokenTool = (changes: Partial<TokenTool> = {}): TokenTool => ({
  instance: { id: 'i1', name: 'packer' },
  server: { path: '/mcp', name: 'Line 4' },
  name: 'read_metrics',
  title: 'Read the metrics',
  writes: false,
  allowed: true,
  reason: null,
  sinceMinted: null,
  lastCalledAt: null,
  ...changes,
})
