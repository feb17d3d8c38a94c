import { parse } from 'smol-toml'
import { describe, expect, it } from 'vitest'

import { CLIENTS } from '../../clients/all.ts'
import { claudeCode } from '../../clients/claude-code.ts'
import { configFor } from '../../clients/client.ts'
import { codex } from '../../clients/codex.ts'
import { cursor } from '../../clients/cursor.ts'
import { mcpServers, mcpUrl } from '../../clients/mcp-server.ts'
import { vsCode } from '../../clients/vs-code.ts'

const servers = mcpServers([
  { name: 'Line 4 Packer', url: 'https://packer.example.com/' },
  { name: 'labeller', url: 'https://labeller.example.com' },
])

const URL_4 = 'https://packer.example.com/mcp'

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
    expect(JSON.parse(configFor(claudeCode, servers).text)).toEqual({
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
    const config = JSON.parse(configFor(vsCode, servers).text)
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
    expect(JSON.parse(configFor(cursor, servers).text).mcpServers['line-4-packer']).toEqual({
      url: 'https://packer.example.com/mcp',
      headers: { Authorization: `Bearer \${env:FORGE_TOKEN}` },
    })
  })

  it('gives Codex the name of the variable, in TOML', () => {
    expect(parse(configFor(codex, servers).text)).toEqual({
      mcp_servers: {
        'line-4-packer': { url: 'https://packer.example.com/mcp', bearer_token_env_var: 'FORGE_TOKEN' },
        labeller: { url: 'https://labeller.example.com/mcp', bearer_token_env_var: 'FORGE_TOKEN' },
      },
    })
  })

  it.each([
    ['windsurf', 'mcpServers', { serverUrl: URL_4, headers: { Authorization: 'Bearer ${env:FORGE_TOKEN}' } }],
    ['gemini-cli', 'mcpServers', { httpUrl: URL_4, headers: { Authorization: 'Bearer ${FORGE_TOKEN}' } }],
    ['claude-desktop', 'mcpServers', { command: 'npx', args: ['-y', 'forge-pat', 'bridge', URL_4] }],
    ['zed', 'context_servers', { command: 'npx', args: ['-y', 'forge-pat', 'bridge', URL_4] }],
  ])('gives %s the form that it reads', (id, key, entry) => {
    const client = CLIENTS.find((known) => known.id === id)
    expect(client && JSON.parse(configFor(client, servers.slice(0, 1)).text)).toEqual({
      [key]: { 'line-4-packer': entry },
    })
  })

  it('names every client once', () => {
    expect(new Set(CLIENTS.map(({ id }) => id)).size).toBe(CLIENTS.length)
  })
})
