import type { CreatedToken, Token, TokenTargets } from '../../../forge/contract/token.ts'

export const TARGETS: TokenTargets = {
  teams: [
    {
      id: 't1',
      name: 'Line 4',
      role: 'viewer',
      applications: [
        {
          id: 'a1',
          name: 'Packaging',
          role: 'member',
          instances: [
            { id: 'i1', name: 'packer', url: 'https://packer.example.com' },
            { id: 'i2', name: 'labeller', url: 'https://labeller.example.com' },
          ],
        },
        {
          id: 'a2',
          name: 'Metering',
          role: 'dashboard',
          instances: [{ id: 'i3', name: 'meter', url: 'https://m.example.com' }],
        },
      ],
    },
    { id: 't2', name: 'Research', role: 'owner', applications: [] },
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
  grants: [{ type: 'instance', id: 'i1', name: 'packer' }],
  state: 'active',
  createdAt: '2026-11-20T09:00:00.000Z',
  expiresAt: '2026-12-20T09:00:00.000Z',
  revokedAt: null,
  lastUse: null,
  ...changes,
})

// The checksum is wrong on purpose.
export const SECRET = 'ffpat_4hPq0ZcT7mRk_EXAMPLEexampleEXAMPLEexampleEXAMPLEexample0000000'
export const createdToken = (): CreatedToken => ({ ...token(), token: SECRET })
