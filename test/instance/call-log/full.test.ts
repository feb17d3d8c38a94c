import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'

import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import type { CallReport, ReportedCall } from '../../../forge/contract/tool-calls.ts'
import { httpNodeMiddleware, type ForgeLink } from '../../../instance/index.ts'
import { guardTools } from '../../../instance/mcp/index.ts'
import { connectV2, type McpClient } from '../../../scripts/demo/clients.ts'
import { listen, type Listening } from '../support/listen.ts'
import { activeAnswer, json, madeUpToken, startLoopbackForge, type LoopbackForge } from '../support/loopback-forge.ts'

/* A log of calls holds so much (docs/admin/mcp-servers.md). */
const MOST_BYTES = 16 * 1024 * 1024

let forge: LoopbackForge
let folder: string
let served: Listening
let link: ForgeLink
let client: McpClient
/** How often the tool ran, and what the forge was told of. */
let ran: number
let taken: string[]

beforeEach(async () => {
  ran = 0
  taken = []
  folder = await mkdtemp(join(tmpdir(), 'full-'))
  forge = await startLoopbackForge(json(200, activeAnswer()))
  forge.routes['GET /tool-rules'] = (_call, response) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end('{"rules":[]}')
})
afterEach(async () => {
  await client.close()
  await link.close()
  await served.close()
  await forge.close()
  await rm(folder, { recursive: true })
})

/** An instance, at the start of which so much waits that processes before it have left behind. */
async function startWith(calls: readonly ReportedCall[]): Promise<void> {
  const lines = `${calls.map((call) => JSON.stringify(call)).join('\n')}\n`
  const dead = `${hostname().replace(/[^\w-]/g, '_')}.${spawnSync(process.execPath, ['-e', '']).pid}.1`
  await mkdir(join(folder, 'calls'))
  await writeFile(join(folder, 'calls', `${dead}.00000000.000000.jsonl`), lines)

  const middleware = httpNodeMiddleware({
    forgeUrl: forge.url,
    instanceToken: 'fft_secret',
    resourceUrl: 'https://line3.example',
    stateFolder: folder,
    log: () => undefined,
  })
  link = middleware.link
  const handle = toNodeHandler(createMcpHandler(buildServer)) as (request: unknown, response: unknown) => unknown
  served = await listen((request, response) => middleware(request, response, () => void handle(request, response)))
  client = await connectV2(`${served.url}/mcp`, madeUpToken(1))
}

function buildServer(): McpServer {
  const server = new McpServer({ name: 'tools', version: '1' })
  server.registerTool('look', { annotations: { readOnlyHint: true } }, () => {
    ran++
    return { content: [{ type: 'text', text: 'seen' }] }
  })
  return guardTools(server, link)
}

function letForgeTake(): void {
  forge.routes['POST /audit'] = ({ body }, response) => {
    const { calls } = JSON.parse(body) as CallReport
    taken.push(...calls.map(({ id }) => id))
    response.end(JSON.stringify({ accepted: calls.length, duplicates: 0, refused: [] }))
  }
}

/** Calls that are together a little longer than `bytes`. */
function callsOf(bytes: number): ReportedCall[] {
  const text = 'x'.repeat(3_500)
  return Array.from({ length: Math.ceil(bytes / text.length) }, () => ({
    id: randomUUID(),
    auditRef: 'tokenA.mac',
    at: '2026-11-24T12:00:00.000Z',
    server: '/mcp',
    tool: 'look',
    outcome: 'ok' as const,
    durationMs: 3,
    arguments: { text },
  }))
}

it('runs no tool while its log of calls is full, and none goes unlogged; what waited is kept and arrives', async () => {
  const waiting = callsOf(MOST_BYTES)
  await startWith(waiting)

  await expect(client.call('look')).rejects.toMatchObject({ code: -32004 })
  await expect(client.call('look')).rejects.toThrow('the log of calls is full, so no tool can be called')
  await expect(client.tools()).rejects.toMatchObject({ code: -32004 })
  expect(ran).toBe(0)

  letForgeTake()
  link.calls.report()
  await vi.waitFor(() => expect(link.calls.hasRoom()).toBe(true), { timeout: 20_000 })

  expect(await client.call('look')).toMatchObject({ text: 'seen' })
  link.calls.report()
  await vi.waitFor(async () => expect(await readdir(join(folder, 'calls'))).toEqual([]), { timeout: 20_000 })
  expect(taken).toHaveLength(waiting.length + 1)
  expect(taken.slice(0, -1)).toEqual(waiting.map(({ id }) => id))
  expect(ran).toBe(1)
})

it('runs tools as long as it is not', async () => {
  await startWith(callsOf(MOST_BYTES / 2))

  expect(await client.call('look')).toMatchObject({ text: 'seen' })
})
