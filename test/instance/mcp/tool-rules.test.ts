import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import type { ToolRule } from '../../../forge/contract/tool-registry.ts'
import { createForgeApi } from '../../../instance/forge-api.ts'
import { holdToolRules, type ToolRules } from '../../../instance/mcp/tool-rules.ts'
import { startLoopbackForge, type LoopbackForge } from '../support/loopback-forge.ts'
import { eventually } from '../../support/eventually.ts'

let forge: LoopbackForge
let folder: string
let rules: ToolRules
let live: boolean
let logged: string[]

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  forge = await startLoopbackForge()
  folder = await mkdtemp(join(tmpdir(), 'rules-'))
  live = false
  logged = []
})
afterEach(async () => {
  rules.close()
  vi.useRealTimers()
  await forge.close()
  await rm(folder, { recursive: true })
})

function hold(options: { stateFolder?: string | null; owner?: string } = {}): ToolRules {
  const settings = { forgeUrl: forge.url, instanceId: undefined, instanceToken: 'fft_secret', log: () => undefined }
  rules = holdToolRules(createForgeApi(settings), {
    stateFolder: folder,
    owner: 'press',
    isLive: () => live,
    log: (message) => logged.push(message),
    ...options,
  })
  return rules
}

const rule = (changes: Partial<ToolRule> = {}): ToolRule => ({
  server: '/mcp',
  tool: 'reset',
  off: true,
  minimumRole: null,
  people: null,
  keepArguments: null,
  ...changes,
})

function answer(all: ToolRule[], etag: string): void {
  forge.routes['GET /tool-rules'] = ({ headers }, response) => {
    if (headers['if-none-match'] === etag) return void response.writeHead(304).end()
    response.writeHead(200, { 'content-type': 'application/json', etag }).end(JSON.stringify({ rules: all }))
  }
}
const away = () => delete forge.routes['GET /tool-rules']

it('knows them once the forge has said so, by server and tool', async () => {
  answer([rule()], '"1"')
  hold()
  expect(rules.isKnown()).toBe(false)

  expect(await rules.known()).toBe(true)
  expect(rules.ruleFor('/mcp', 'reset')).toEqual(rule())
  expect(rules.ruleFor('/other', 'reset')).toBeNull()
})

it('asks with the tag of what it has, and keeps that when nothing has changed', async () => {
  answer([rule()], '"1"')
  await hold().known()

  await rules.refresh()

  expect(forge.calls.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"1"'])
  expect(rules.ruleFor('/mcp', 'reset')).toEqual(rule())
})

it('asks every half minute while nothing is pushed, and not while it is', async () => {
  answer([], '"1"')
  await hold().known()

  await vi.advanceTimersByTimeAsync(30_000)
  await eventually(() => expect(forge.calls).toHaveLength(2))
  live = true
  await vi.advanceTimersByTimeAsync(60_000)

  expect(forge.calls).toHaveLength(2)
})

it('does not know them as long as no forge has said anything, and goes on asking', async () => {
  hold()
  expect(await rules.known()).toBe(false)
  expect(logged).toEqual([expect.stringMatching(/^The forge answered 404 at .*\/tool-rules/)])

  answer([rule()], '"1"')
  await vi.advanceTimersByTimeAsync(1_000)
  await eventually(() => expect(rules.isKnown()).toBe(true))
  expect(logged.at(-1)).toBe('The forge tells the tool rules again.')
})

it('holds them while the forge is away, also after a restart, and asks with their tag when it is back', async () => {
  answer([rule()], '"1"')
  await hold().known()
  rules.close()
  away()

  hold()
  expect(rules.isKnown()).toBe(true)
  expect(rules.ruleFor('/mcp', 'reset')).toEqual(rule())

  answer([], '"2"')
  await rules.refresh()
  expect(rules.ruleFor('/mcp', 'reset')).toBeNull()
})

it('keeps them where only the owner of the process reads them', async () => {
  answer([rule()], '"1"')
  await hold().known()

  expect((await stat(join(folder, 'tool-rules.json'))).mode & 0o777).toBe(0o600)
})

it('does not take over what another instance has left in the folder', async () => {
  answer([rule()], '"1"')
  await hold().known()
  rules.close()
  away()

  hold({ owner: 'lathe' })

  expect(rules.isKnown()).toBe(false)
})

it.each(['', '{', '{"owner":"press","rules":[{"off":true}]}'])(
  'knows nothing from a file that holds %j',
  async (text) => {
    await writeFile(join(folder, 'tool-rules.json'), text)

    hold()

    expect(rules.isKnown()).toBe(false)
  },
)

it('leaves what it has when the forge answers with something else', async () => {
  answer([rule()], '"1"')
  await hold().known()
  forge.routes['GET /tool-rules'] = (_call, response) => void response.end('{"rules":[{}]}')

  await rules.refresh()

  expect(rules.ruleFor('/mcp', 'reset')).toEqual(rule())
  expect(JSON.parse(await readFile(join(folder, 'tool-rules.json'), 'utf8'))).toMatchObject({ etag: '"1"' })
})

it('lives in memory without a folder', async () => {
  answer([rule()], '"1"')

  expect(await hold({ stateFolder: null }).known()).toBe(true)
})
