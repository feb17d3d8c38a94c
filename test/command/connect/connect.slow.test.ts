import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

import { parse } from 'smol-toml'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { parseJson } from '../../../command/connect/edit-json.ts'
import { createAccount, type Account } from '../support/run-command.ts'
import { startSmallForge, type SmallForge } from '../support/small-forge.ts'

const instances = [
  { name: 'Line 4', url: 'https://line-4.example.com' },
  { name: 'Packer', url: 'https://packer.example.com/red' },
]
const URL_4 = 'https://line-4.example.com/mcp'

/** Where each client keeps its file on Linux, a file as people have it, and the server as it has to stand there. */
const FILES = [
  [
    'claude-code',
    '.mcp.json',
    '{ "mcpServers": { "a": {} } }',
    { type: 'http', url: URL_4, headersHelper: 'npx -y forge-pat header' },
  ],
  [
    'vs-code',
    '.vscode/mcp.json',
    '// mine\n{ "servers": { "a": {} } }',
    { type: 'http', url: URL_4, headers: { Authorization: 'Bearer ${input:forge-token}' } },
  ],
  [
    'cursor',
    '.cursor/mcp.json',
    '{ "mcpServers": { "a": {} } }',
    { url: URL_4, headers: { Authorization: 'Bearer ${env:FORGE_TOKEN}' } },
  ],
  [
    'codex',
    '.codex/config.toml',
    '# mine\nmodel = "m"\n[mcp_servers.a]\nurl = "https://a.example.com"\n',
    { url: URL_4, bearer_token_env_var: 'FORGE_TOKEN' },
  ],
  [
    'gemini-cli',
    '.gemini/settings.json',
    '{ "mcpServers": { "a": {} } }',
    { httpUrl: URL_4, headers: { Authorization: 'Bearer ${FORGE_TOKEN}' } },
  ],
  [
    'zed',
    '.zed/settings.json',
    '// mine\n{ "context_servers": { "a": {} }, }',
    { command: 'npx', args: ['-y', 'forge-pat', 'bridge', URL_4] },
  ],
  [
    'windsurf',
    '~/.codeium/windsurf/mcp_config.json',
    '{ "mcpServers": { "a": {} } }',
    { serverUrl: URL_4, headers: { Authorization: 'Bearer ${env:FORGE_TOKEN}' } },
  ],
  [
    'claude-desktop',
    '~/.config/Claude/claude_desktop_config.json',
    '{ "mcpServers": { "a": {} } }',
    { command: 'npx', args: ['-y', 'forge-pat', 'bridge', URL_4] },
  ],
] as const

let account: Account
let forge: SmallForge

const cleanings: (() => void)[] = []

// One sign-in for all: each test has a project of its own.
beforeAll(async () => {
  account = await createAccount((clean) => void cleanings.push(clean))
  forge = await startSmallForge({ instances }, (clean) => void cleanings.push(clean))
  await account.run(['login', '--forge', forge.url])
})
afterAll(() => cleanings.forEach((clean) => clean()))

beforeEach(() => {
  account.project = mkdtempSync(join(account.home, 'project-'))
})

function put(file: string, text: string): string {
  const path = resolve(account.project, file.replace(/^~/, account.home))
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}

const connect = (client: string, ...more: string[]) => account.run(['connect', client, '--instance', 'line 4', ...more])
const tokenFiles = () => account.files().filter(({ text }) => text.includes(forge.issued[0] ?? ''))

it.each(FILES)(
  'adds a server to the file of %s, beside what is there, by reference',
  async (client, file, text, entry) => {
    const path = put(file, text)
    const { code, out, err } = await connect(client, '--yes')
    expect([code, err]).toEqual([0, ''])

    const after = readFileSync(path, 'utf8')
    const content = (client === 'codex' ? parse(after) : parseJson(after)) as Record<string, Record<string, unknown>>
    const servers =
      content['mcpServers'] ?? content['servers'] ?? content['context_servers'] ?? content['mcp_servers'] ?? {}
    expect(Object.keys(servers)).toEqual(['a', 'line-4'])
    expect(servers['line-4']).toEqual(entry)
    if (text.includes('mine')) expect(after).toContain('mine')

    expect(out).toMatch(/^\+ .*line-4/m)
    expect(out + after).not.toContain('ffpat_')
    expect(tokenFiles()).toHaveLength(1)
  },
)

it.each(FILES)('leaves a broken file of %s as it is, and says so', async (client, file, text) => {
  const broken = `${text}\n"hunter2" = = [\n`
  const path = put(file, broken)

  const { code, err } = await connect(client, '--yes')
  expect(code).toBe(2)
  expect(err).toMatch(/is not valid (JSON|TOML).* line \d+, column \d+\. It was left as it is\.$/m)
  expect(err).not.toContain('hunter2')
  expect(readFileSync(path, 'utf8')).toBe(broken)
})

describe('what forge-pat connect does with a file', () => {
  it('is shown first, and not done without a yes', async () => {
    const dry = await connect('claude-code', '--dry-run')
    expect(dry.code).toBe(0)
    expect(dry.out).toContain('headersHelper')
    expect(await connect('claude-code')).toMatchObject({ code: 2, err: expect.stringContaining('Say --yes') })
    expect(readdirSync(account.project)).toEqual([])
  })

  it('is done once', async () => {
    await connect('cursor', '--yes')
    const again = await connect('cursor', '--yes', '--json')
    expect(JSON.parse(again.out)).toMatchObject({
      changed: false,
      written: false,
      server: { name: 'line-4', url: URL_4 },
    })
  })

  it('goes through a link, keeps the mode, and leaves nothing beside it', async () => {
    const real = put('dotfiles/mcp.json', '{}')
    mkdirSync(join(account.project, '.cursor'))
    const link = join(account.project, '.cursor/mcp.json')
    symlinkSync(real, link)

    expect(await connect('cursor', '--yes')).toMatchObject({
      code: 0,
      out: expect.stringContaining(`leads to ${real}`),
    })
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect(readFileSync(real, 'utf8')).toContain(URL_4)
    expect(account.files().filter(({ path }) => path.endsWith('.tmp'))).toEqual([])
  })

  it('takes no name from another server', async () => {
    const path = put('.mcp.json', '{ "mcpServers": { "line-4": { "url": "https://other.example.com" } } }')
    await connect('claude-code', '--yes')

    const { mcpServers } = JSON.parse(readFileSync(path, 'utf8'))
    expect(mcpServers['line-4']).toEqual({ url: 'https://other.example.com' })
    expect(mcpServers['line-4-2'].url).toBe(URL_4)
  })

  it('covers a secret that somebody had written there', async () => {
    put(
      '.cursor/mcp.json',
      JSON.stringify({ mcpServers: { mine: { url: URL_4, headers: { Authorization: 'Bearer hunter2' } } } }, null, 2),
    )
    const { out } = await connect('cursor', '--yes')

    expect(out).toMatch(/^-.*Authorization": "…/m)
    expect(out).not.toContain('hunter2')
  })

  it('survives runs at the same time', async () => {
    const path = put('.mcp.json', '{\n  "mcpServers": {} // none yet\n}\n')
    const outcomes = await Promise.all([
      account.run(['connect', 'claude-code', '--instance', 'Line 4', '--yes']),
      account.run(['connect', 'claude-code', '--instance', 'packer', '--yes', '--path', 'tools']),
      account.run(['connect', 'claude-code', '--instance', 'https://line-4.example.com/', '--yes', '--path', '/other']),
    ])
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0])

    const after = readFileSync(path, 'utf8')
    const { mcpServers } = parseJson(after) as { mcpServers: Record<string, { url: string }> }
    expect(
      Object.values(mcpServers)
        .map(({ url }) => url)
        .sort(),
    ).toEqual([URL_4, 'https://line-4.example.com/other', 'https://packer.example.com/red/tools'])
    expect(after).toContain('// none yet')
  })

  it('can be kept out of the history of a project', async () => {
    mkdirSync(join(account.project, '.git'))
    put('.gitignore', 'dist/')
    await connect('claude-code', '--yes', '--gitignore')
    await connect('claude-code', '--yes', '--gitignore')

    expect(readFileSync(join(account.project, '.gitignore'), 'utf8')).toBe('dist/\n/.mcp.json\n')
  })

  it.each([
    [
      ['connect', 'claude-code', '--instance', 'Line 9'],
      1,
      /does not reach an instance "Line 9". It reaches: Line 4, Packer\./,
    ],
    [['connect', 'windsurf', '--instance', 'Line 4', '--scope', 'project'], 2, /reads no file of a project/],
    [['connect', 'emacs', '--instance', 'Line 4'], 2, /Which client\? One of claude-code, /],
    [['connect', 'cursor'], 2, /Which instance\?/],
  ] as const)('is refused for %j', async (words, code, message) => {
    const outcome = await account.run(words)
    expect(outcome.err).toMatch(message)
    expect(outcome.code).toBe(code)
  })
})
