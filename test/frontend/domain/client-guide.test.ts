import { describe, expect, it } from 'vitest'

import { guideFor, platformOf, type GuideWish } from '../../../frontend/domain/client-guide.ts'
import { CLIENT_CHOICES } from '../../../frontend/domain/clients.ts'
import { SECRET } from '../support/samples.ts'

const servers = [{ name: 'packer', url: 'https://packer.example.com/mcp' }]
const guide = (changes: Partial<GuideWish> = {}) =>
  guideFor({ clientId: 'claude-code', servers, platform: 'linux', inProject: true, token: null, ...changes })

describe('guideFor', () => {
  it.each(CLIENT_CHOICES.map(({ id }) => id))('names every server for %s, and holds no token', (clientId) => {
    const shown = guide({ clientId })
    expect(shown.text).toContain('https://packer.example.com/mcp')
    expect(JSON.stringify(shown)).not.toContain('ffpat_')
    expect(shown.proofs).toHaveLength(1)
  })

  it.each([
    ['vs-code', 'linux', '~/.config/Code/User/mcp.json'],
    ['vs-code', 'darwin', '~/Library/Application Support/Code/User/mcp.json'],
    ['vs-code', 'win32', '%APPDATA%\\Code\\User\\mcp.json'],
    ['codex', 'win32', '%USERPROFILE%\\.codex\\config.toml'],
  ] as const)('names the file of %s on %s', (clientId, platform, file) => {
    expect(guide({ clientId, platform, inProject: false }).file).toBe(file)
  })

  it('falls back to the own file where a client reads none of a project', () => {
    expect(guide({ clientId: 'windsurf' })).toMatchObject({
      hasProjectFile: false,
      file: '~/.codeium/windsurf/mcp_config.json',
    })
  })

  it('has a variable set only for a client that reads it', () => {
    const reading = CLIENT_CHOICES.filter(({ id }) => guide({ clientId: id }).variable !== null).map(({ id }) => id)
    expect(reading).toEqual(['claude-code', 'cursor', 'windsurf', 'codex', 'gemini-cli', 'script'])
  })

  it('writes the token itself for who asks, and then keeps the file out of the repository', () => {
    const written = guide({ token: SECRET })
    expect(JSON.parse(written.text).mcpServers.packer.headers).toEqual({ Authorization: `Bearer ${SECRET}` })
    expect(written.ignore).toBe('.mcp.json')
  })
})

it.each([
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)', 'darwin'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64)', 'win32'],
  ['Mozilla/5.0 (X11; Linux x86_64)', 'linux'],
])('takes %s for %s', (hint, platform) => {
  expect(platformOf(hint)).toBe(platform)
})
