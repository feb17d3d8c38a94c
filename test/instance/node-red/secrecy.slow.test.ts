import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { connectV1, connectV2 } from '../../../scripts/demo/clients.ts'
import { httpEndpoint, mcpServer, tab, type Flow } from '../../../scripts/demo/flows.ts'
import { startNodeRed, type NodeRed } from '../../../scripts/demo/node-red.ts'
import { freePort } from '../../../scripts/demo/process.ts'
import { startForgeWithTeam, type ForgeWithTeam } from '../support/team.ts'

/** A flow that logs and throws what it is given, as flows do. */
const TALKATIVE = 'node.warn(msg); node.trace(JSON.stringify(msg._client ?? msg.req.headers))'

const FLOWS: Flow = [
  ...tab('Line 3'),
  ...mcpServer('mcp', { name: 'Line 3', path: '/mcp' }, [
    {
      name: 'whoami',
      title: '',
      description: 'Says who calls.',
      effect: 'read',
      code: `${TALKATIVE}; msg.payload = msg._client.user; return msg`,
    },
    { name: 'write', title: '', description: 'Writes.', effect: 'write', code: 'return msg' },
    {
      name: 'fail',
      title: '',
      description: 'Throws.',
      effect: 'read',
      timeout: 0.5,
      code: `${TALKATIVE}; throw new Error(JSON.stringify(msg))`,
    },
  ]),
  ...httpEndpoint('who', { method: 'get', url: '/who' }, `${TALKATIVE}; msg.payload = msg.req.user; return msg`),
]

let team: ForgeWithTeam
let nodeRed: NodeRed
let userDir: string

beforeAll(async () => {
  const port = await freePort()
  const resourceUrl = `http://127.0.0.1:${port}`
  team = await startForgeWithTeam(resourceUrl)
  userDir = await mkdtemp(join(tmpdir(), 'forge-nr-'))
  const { id: instanceId, credential: instanceToken } = team.instance
  const forgePat = { forgeUrl: team.forge.url, resourceUrl, instanceId, instanceToken }
  const logging = { console: { level: 'trace', metrics: true, audit: true } }
  const settings = `forgePat: ${JSON.stringify(forgePat)}, logging: ${JSON.stringify(logging)}`
  nodeRed = await startNodeRed({ userDir, port, flows: FLOWS, settings })
})
afterAll(async () => {
  await nodeRed.stop()
  await team.forge.close()
  await rm(userDir, { recursive: true })
})

/** Every way in which the token reaches the instance: as it should, by mistake, and when nothing is well. */
async function useEverywhere(token: string, other: string): Promise<string[]> {
  const answers: string[] = []
  const get = async (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) => {
    const response = await fetch(nodeRed.url + path, { ...init, headers })
    answers.push(JSON.stringify([...response.headers]) + (await response.text()))
    return response.status
  }
  const bearer = (text: string) => ({ authorization: `Bearer ${text}` })

  for (const connect of [connectV1, connectV2]) {
    const client = await connect(`${nodeRed.url}/mcp`, token)
    answers.push(JSON.stringify(await client.call('whoami')), JSON.stringify(await client.call('fail')))
    answers.push(await client.call('write').catch(String).then(String))
    await client.close()
  }

  expect(await get('/who', bearer(token))).toBe(200)
  expect(await get('/nothing', bearer(token))).toBe(404)
  expect(await get('/who', bearer(token), { method: 'POST' })).toBe(403)
  expect(await get('/mcp', { ...bearer(token), origin: 'https://evil.example' }, { method: 'POST' })).toBe(403)
  for (const mistake of [`${token}x`, `Bearer ${token}`, `"${token}"`, token.slice(0, -1), `x${token}`]) {
    expect(await get('/who', bearer(mistake))).toBe(401)
  }
  expect(await get('/who', { authorization: token })).toBe(401)
  expect(await get('/who', { authorization: `Basic ${Buffer.from(`alice:${token}`).toString('base64')}` })).toBe(401)
  expect(await get('/who', { cookie: `sid=${token}` })).toBe(401)

  await team.forge.app.close()
  expect(await get('/who', bearer(other))).toBe(503)
  return answers
}

/** All that Node-RED has written beside its log; its packages are ours. */
async function keptFiles(): Promise<string> {
  const entries = await readdir(userDir, { withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => readFile(join(userDir, name), 'utf8'))
  return (await Promise.all(files)).join('\n')
}

it('keeps the secret of a token out of the log at trace level, every answer, and every file of Node-RED', async () => {
  const token = await team.mint(team.alice, { role: 'owner', readOnly: true })
  const other = await team.mint(team.alice, { role: 'owner' })

  const answers = await useEverywhere(token, other)

  const log = nodeRed.output()
  expect(log).toContain('[trace]')
  expect(log).toContain('"username":"alice"')
  expect(log).toContain('The forge cannot be reached')
  for (const secret of [token, other].map((text) => text.slice('ffpat_selector1234_'.length))) {
    expect(answers.filter((answer) => answer.includes(secret))).toEqual([])
    expect(log).not.toContain(secret)
    expect(await keptFiles()).not.toContain(secret)
  }
  expect(log).not.toContain(team.instance.credential)
})
