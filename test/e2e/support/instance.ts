import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Instance, IssuedCredential } from '../../../forge/contract/host.ts'
import { httpEndpoint, mcpServer, tab, type Flow } from '../../../scripts/demo/flows.ts'
import { startNodeRed } from '../../../scripts/demo/node-red.ts'
import { create, test as base } from './world.ts'
import { freePort } from './forge-process.ts'

/** All that a function node can get at: hidden properties too, and the request behind the message. */
const SHOW_ALL = `
const all = util.inspect(msg, { depth: null, showHidden: true, maxArrayLength: null, maxStringLength: null })
msg.payload = { all, written: flow.get('written') === true }
return msg`

const FLOWS: Flow = [
  ...tab('Line 4'),
  ...mcpServer('line', { name: 'Line 4', path: '/mcp' }, [
    {
      name: 'whoami',
      title: 'Who am I',
      description: 'Says who calls.',
      effect: 'read',
      code: 'msg.payload = msg._client.user; return msg',
    },
    {
      name: 'add_parcels',
      title: 'Add parcels',
      description: 'Writes.',
      effect: 'write',
      code: 'flow.set("written", true); msg.payload = "written"; return msg',
    },
    {
      name: 'show_all',
      title: 'Show all',
      description: 'Shows the message, and whether anything was written.',
      effect: 'read',
      code: SHOW_ALL,
    },
  ]),
  ...httpEndpoint('all', { method: 'get', url: '/all' }, SHOW_ALL),
]

interface Fixtures {
  /** A real Node-RED with the nodes of this package, which is an instance in the world's application. */
  line: Instance
}

export const test = base.extend<Fixtures>({
  line: async ({ admin, world, baseURL }, use) => {
    const port = await freePort()
    const line = await create<Instance>(admin, 'instances', {
      applicationId: world.application.id,
      name: 'line-4',
      url: `http://127.0.0.1:${port}`,
    })
    const { credential } = await create<IssuedCredential>(admin, `instances/${line.id}/credentials`, {})

    const userDir = await mkdtemp(join(tmpdir(), 'forge-line-'))
    const forgePat = { forgeUrl: baseURL, instanceId: line.id, instanceToken: credential, resourceUrl: line.url }
    const settings = `forgePat: ${JSON.stringify(forgePat)}`
    const nodeRed = await startNodeRed({ userDir, port, flows: FLOWS, settings })
    await use(line)
    await nodeRed.stop()
    await rm(userDir, { recursive: true })
  },
})
