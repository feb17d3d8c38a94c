import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { CreateToken, CreatedToken } from '../../../forge/contract/token.ts'
import type { Role } from '../../../forge/contract/role.ts'
import { mcpServer, tab, type Flow, type ToolSketch } from '../../../scripts/demo/flows.ts'
import { startNodeRed, type NodeRed } from '../../../scripts/demo/node-red.ts'
import { freePort } from '../../../scripts/demo/process.ts'
import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  createUser,
  mintToken,
  openBrowser,
  setOverride,
  type Browser,
  type TestInstance,
  type TestUser,
} from '../../support/builders.ts'
import { startForge, type TestForge } from '../../support/forge.ts'
import { ruleFor } from '../../forge/mcp/scene.ts'

/** A tool whose flow answers who had it do what. */
function tool(name: string, effect: ToolSketch['effect'], more: Partial<ToolSketch> = {}): ToolSketch {
  const code = 'msg.payload = `${msg._client.user.username} ${msg.topic}`; return msg'
  return { name, title: '', description: `Does ${name}.`, effect, code, ...more }
}

export const TOOLS = [
  tool('look', 'read'),
  tool('note', 'write'),
  tool('reset', 'destroy'),
  tool('paused', 'read'),
  tool('guarded', 'read'),
  tool('opened', 'destroy'),
  tool('personal', 'read'),
  tool('entrusted', 'write'),
]

export interface Line {
  forge: TestForge
  nodeRed: NodeRed
  instance: TestInstance
  team: { id: string }
  people: Record<'dora' | 'vera' | 'mark' | 'olga' | 'otto' | 'pia', TestUser>
  /** The browser of olga, who owns the team. */
  owner: Browser
  rules: ReturnType<typeof ruleFor>[]
  mint(user: TestUser, body: { role: Role } & Partial<CreateToken>): Promise<CreatedToken>
  close(): Promise<void>
}

const ROLES = {
  dora: 'dashboard',
  vera: 'viewer',
  mark: 'member',
  olga: 'owner',
  otto: 'owner',
  pia: 'viewer',
} as const

/** Olga's team with a real Node-RED that serves the tools, and her rules about five of them. */
export async function startLine(): Promise<Line> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const forge = await startForge({ listen: true })
  const team = await createTeam(forge, { slug: 'line-4', name: 'Line 4' })
  const people = {} as Line['people']
  for (const [username, role] of Object.entries(ROLES)) {
    const user = await createUser(forge, { username })
    await addMember(forge, { team, user, role })
    people[username as keyof typeof ROLES] = user
  }
  const application = await createApplication(forge, { team })
  const instance = await createInstance(forge, { application, name: 'press', url })
  await setOverride(forge, { application, user: people.otto, role: 'viewer' })

  const owner = await openBrowser(forge, people.olga)
  const rules = [
    ruleFor('paused', { off: true }),
    ruleFor('guarded', { minimumRole: 'owner' }),
    ruleFor('opened', { minimumRole: 'viewer' }),
    ruleFor('personal', { people: [people.pia.id] }),
    ruleFor('entrusted', { people: [people.mark.id, people.pia.id] }),
  ]
  expectStatus(await owner('PUT', `/api/v1/instances/${instance.id}/tool-rules`, { rules }), 200)

  const { nodeRed, remove } = await startPress(port, flows(TOOLS), {
    forgeUrl: forge.url,
    resourceUrl: url,
    instanceId: instance.id,
    instanceToken: instance.credential,
  })
  return {
    forge,
    nodeRed,
    instance,
    team,
    people,
    owner,
    rules,
    mint: (user, body) => mintToken(forge, { user, instance, readOnly: false, ...body }),
    close: async () => {
      await nodeRed.stop()
      await remove()
      await forge.close()
    },
  }
}

/** At `/mcp` the tools, at `/bare` no `whoami`, at `/own` one of the flow's own. */
export function flows(tools: readonly ToolSketch[]): Flow {
  const [bare, ...rest] = mcpServer('bare', { name: 'Bare', path: '/bare' }, [tool('look', 'read')])
  return [
    ...tab('Line 4'),
    ...mcpServer('mcp', { name: 'Line 4', path: '/mcp' }, tools),
    { ...bare, whoami: false },
    ...rest,
    ...mcpServer('own', { name: 'Own', path: '/own' }, [tool('whoami', 'read')]),
  ]
}

async function startPress(port: number, flow: Flow, options: object) {
  const userDir = await mkdtemp(join(tmpdir(), 'forge-line-'))
  const settings = `forgePat: ${JSON.stringify(options)}`
  const nodeRed = await startNodeRed({ userDir, port, flows: flow, settings })
  return { nodeRed, remove: () => rm(userDir, { recursive: true, force: true }) }
}

export function expectStatus(answer: { statusCode: number; body: string }, status: number): void {
  if (answer.statusCode !== status) throw new Error(`the forge answered ${answer.statusCode}: ${answer.body}`)
}
