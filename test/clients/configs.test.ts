import { describe, expect, it } from 'vitest'

import { claudeCodeConfig } from '../../clients/claude-code.ts'
import { cursorConfig } from '../../clients/cursor.ts'
import { mcpServers, mcpUrl } from '../../clients/mcp-server.ts'
import { vsCodeConfig } from '../../clients/vs-code.ts'

const servers = mcpServers([
  { name: 'Line 4 Packer', url: 'https://packer.example.com/' },
  { name: 'labeller', url: 'https://labeller.example.com' },
])

describe('mcpUrl', () => {
  it.each([
    ['https://a.example.com', '/mcp', 'https://a.example.com/mcp'],
    ['https://a.example.com/', 'mcp', 'https://a.example.com/mcp'],
    ['https://a.example.com/red', '/tools/mcp', 'https://a.example.com/red/tools/mcp'],
    ['https://a.example.com/', ' ', 'https://a.example.com'],
  ])('joins %s and %s', (url, path, joined) => {
    expect(mcpUrl(url, path)).toBe(joined)
  })
})

describe('mcpServers', () => {
  it('makes keys that every client takes', () => {
    expect(mcpServers([{ name: 'Größe & Gewicht!', url: 'https://a.example.com' }])[0]?.name).toBe('gro-e-gewicht')
  })

  it('names a server whose name has no letters', () => {
    expect(mcpServers([{ name: '生产线', url: 'https://a.example.com' }])[0]?.name).toBe('instance')
  })

  it('keeps the keys of equal names apart', () => {
    const instances = ['packer', 'Packer', 'packer-2'].map((name) => ({ name, url: 'https://a.example.com' }))
    expect(mcpServers(instances).map((server) => server.name)).toEqual(['packer', 'packer-2', 'packer-2-2'])
  })
})

describe('client configs', () => {
  it('gives Claude Code an HTTP server per instance and the token by reference', () => {
    expect(JSON.parse(claudeCodeConfig(servers).text)).toEqual({
      mcpServers: {
        'line-4-packer': {
          type: 'http',
          url: 'https://packer.example.com/mcp',
          headers: { Authorization: `Bearer \${FORGE_TOKEN}` },
        },
        labeller: {
          type: 'http',
          url: 'https://labeller.example.com/mcp',
          headers: { Authorization: `Bearer \${FORGE_TOKEN}` },
        },
      },
    })
  })

  it('gives VS Code a password input that every server refers to', () => {
    const config = JSON.parse(vsCodeConfig(servers).text)
    expect(config.inputs).toEqual([
      { type: 'promptString', id: 'forge-token', description: 'Forge access token', password: true },
    ])
    expect(config.servers.labeller).toEqual({
      type: 'http',
      url: 'https://labeller.example.com/mcp',
      headers: { Authorization: `Bearer \${input:forge-token}` },
    })
  })

  it('gives Cursor the environment variable in its own notation', () => {
    expect(JSON.parse(cursorConfig(servers).text).mcpServers['line-4-packer']).toEqual({
      url: 'https://packer.example.com/mcp',
      headers: { Authorization: `Bearer \${env:FORGE_TOKEN}` },
    })
  })
})
