import { spawnSync } from 'node:child_process'

import { describe, expect, it } from 'vitest'

import { CLIENTS } from '../../clients/all.ts'
import { configFor, configWithToken } from '../../clients/client.ts'
import { n8nNodes } from '../../clients/n8n.ts'
import { proofCommand, scriptFor, secretCommand } from '../../clients/shell.ts'

const TOKEN = 'ffpat_4hPq0ZcT7mRk_EXAMPLEexampleEXAMPLEexampleEXAMPLEexample0000000'
const server = { name: 'packer', url: "https://packer.example.com/it's/mcp" }

/** Lets the shell itself read a text, with a curl that shows what it was given instead of calling. */
function readByShell(text: string, input = ''): string {
  const curl = 'curl() { printf "[%s]" "$@"; printf "<"; cat; printf ">\\n"; }'
  const { stdout, status } = spawnSync('bash', ['-c', `${curl}\n${text}`], {
    input,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', FORGE_TOKEN: TOKEN },
  })
  expect(status).toBe(0)
  return stdout
}

describe('the line that proves it', () => {
  it('says hello to the server, and gives the token by the input alone', () => {
    const read = readByShell(proofCommand(server, 'linux'))
    const [args, input] = read.split('<')
    expect(args).toContain(`[${server.url}]`)
    expect(args).toContain('"method":"initialize"')
    expect(args).not.toContain(TOKEN)
    expect(input).toBe(`Authorization: Bearer ${TOKEN}>\n`)
  })

  it('is one line, and holds no token on any system', () => {
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      expect(proofCommand(server, platform)).not.toMatch(/\n|ffpat_/)
    }
    expect(proofCommand(server, 'win32')).toContain("-Uri 'https://packer.example.com/it''s/mcp'")
  })

  it('stands in a script once for each server', () => {
    expect(
      readByShell(scriptFor([server, { name: 'b', url: 'https://b.example.com/mcp' }], 'linux')).match(/\[-sS\]/g),
    ).toHaveLength(2)
  })
})

it('takes the token by the input into a variable that programs are given', () => {
  expect(readByShell(`unset FORGE_TOKEN; ${secretCommand('linux')} && env | grep FORGE_TOKEN`, `${TOKEN}\n`)).toContain(
    `FORGE_TOKEN=${TOKEN}`,
  )
})

it('gives n8n a node for each server, which takes the token from a credential', () => {
  expect(JSON.parse(n8nNodes([server])).nodes).toEqual([
    expect.objectContaining({
      type: '@n8n/n8n-nodes-langchain.mcpClientTool',
      parameters: {
        endpointUrl: server.url,
        serverTransport: 'httpStreamable',
        authentication: 'bearerAuth',
        options: {},
      },
    }),
  ])
})

describe('the token itself', () => {
  it('is in no config unless somebody asks', () => {
    for (const client of CLIENTS) expect(configFor(client, [server]).text).not.toContain('ffpat_')
  })

  it.each(['claude-code', 'vs-code', 'cursor', 'windsurf', 'gemini-cli', 'zed'])('is in that of %s then', (id) => {
    const client = CLIENTS.find((known) => known.id === id)
    const text = client && configWithToken(client, [server], TOKEN)?.text
    const config = JSON.parse(text ?? '') as Record<string, Record<string, { headers: object }>>
    expect(config[client?.serversKey ?? '']?.['packer']?.headers).toEqual({ Authorization: `Bearer ${TOKEN}` })
    expect(config).not.toHaveProperty('inputs')
  })

  it('is in none where the client takes none', () => {
    const without = CLIENTS.filter((client) => configWithToken(client, [server], TOKEN) === null)
    expect(without.map(({ id }) => id)).toEqual(['claude-desktop', 'codex'])
  })
})
