import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { ToolSet } from '../../../forge/contract/tool-registry.ts'
import { createForgeApi } from '../../../instance/forge-api.ts'
import { holdToolRegistry, type ToolRegistry } from '../../../instance/mcp/tool-registry.ts'
import { startLoopbackForge, type LoopbackForge } from '../support/loopback-forge.ts'

const LOOK = { name: 'look', annotations: { readOnlyHint: true } }
const NOTE = { name: 'note', annotations: { destructiveHint: false } }
/** A deploy takes servers away and brings them back one by one. */
const SETTLE_MS = 1_000

let forge: LoopbackForge
let folder: string
let registry: ToolRegistry
/** The sets that the forge was sent, and how often it was only asked whether it has one. */
let sets: ToolSet[]
let confirmed: string[]

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  forge = await startLoopbackForge()
  folder = await mkdtemp(join(tmpdir(), 'registry-'))
  sets = []
  confirmed = []
  forge.routes['PUT /tools'] = ({ headers, body }, response) => {
    const tag = headers['if-match']
    if (tag !== undefined) {
      expect(body).toBe('')
      confirmed.push(tag)
      return void response.writeHead(tag === `"${sets.at(-1)?.hash}"` ? 204 : 412).end()
    }
    sets.push(JSON.parse(body) as ToolSet)
    response.writeHead(204).end()
  }
})
afterEach(async () => {
  registry.close()
  vi.useRealTimers()
  await forge.close()
  await rm(folder, { recursive: true })
})

function hold(owner = 'press'): ToolRegistry {
  const settings = { forgeUrl: forge.url, instanceId: undefined, instanceToken: 'fft_secret', log: () => undefined }
  registry = holdToolRegistry(createForgeApi(settings), { stateFolder: folder, owner, log: () => undefined })
  return registry
}

/** What is declared settles, and the forge has heard of it: so often it was asked, and sent a set. */
async function reported(asked: number, sent: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(SETTLE_MS)
  await vi.waitFor(() => expect([confirmed.length, sets.length]).toEqual([asked, sent]), { timeout: 20_000 })
}

const declare = (...tools: object[]) => registry.declare('/mcp', { name: 'Line 4', tools: tools as never })
const namesOf = (set: ToolSet | undefined) =>
  set?.servers.map(({ path, tools }) => [path, ...tools.map(({ name }) => name)])

describe('a deploy', () => {
  it('is told to the forge once, when all of its servers are there', async () => {
    hold()
    declare()
    registry.withdraw('/mcp')
    declare(LOOK)
    declare(LOOK, NOTE)
    registry.declare('/second', { name: 'Second', tools: [LOOK] })
    expect(forge.calls).toEqual([])

    await reported(1, 1)

    expect(sets.map(namesOf)).toEqual([
      [
        ['/mcp', 'look', 'note'],
        ['/second', 'look'],
      ],
    ])
  })

  it('that changes nothing costs one request without a body', async () => {
    hold()
    declare(LOOK, NOTE)
    await reported(1, 1)
    const before = forge.calls.length

    registry.withdraw('/mcp')
    declare(LOOK, NOTE)
    await reported(2, 1)

    expect(forge.calls.slice(before).map(({ what, body }) => [what, body])).toEqual([['PUT /tools', '']])
  })

  it.each<[string, object[]]>([
    ['a tool comes', [LOOK, NOTE, { name: 'reset' }]],
    ['a tool goes', [LOOK]],
    ['a tool says something else of itself', [LOOK, { ...NOTE, annotations: {} }]],
  ])('sends the set anew when %s', async (_what, changed) => {
    hold()
    declare(LOOK, NOTE)
    await reported(1, 1)

    declare(...changed)
    await reported(2, 2)

    expect(sets[1]?.servers[0]?.tools).toEqual(changed)
    expect(sets[1]?.hash).not.toBe(sets[0]?.hash)
  })

  it('that takes the last server away leaves none', async () => {
    hold()
    declare(LOOK)
    await reported(1, 1)

    registry.withdraw('/mcp')
    await reported(2, 2)

    expect(sets[1]?.servers).toEqual([])
  })
})

it('says nothing as long as there is nothing to say', async () => {
  hold().report()
  await vi.advanceTimersByTimeAsync(SETTLE_MS)

  expect(forge.calls).toEqual([])
})

it('confirms its set when the forge is back', async () => {
  hold()
  declare(LOOK)
  await reported(1, 1)

  registry.report()

  await reported(2, 1)
})

it('keeps what a server that cannot be asked has said, also after a restart, and not for another instance', async () => {
  hold().learn('/other', [LOOK], { keep: true })
  declare(NOTE)
  await reported(1, 1)
  registry.close()

  expect(hold().toolsOf('/other')).toEqual([LOOK])
  expect(registry.find('/mcp', 'note')).toBeNull()
  registry.close()
  expect(hold('lathe').toolsOf('/other')).toEqual([])
})
