import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { Application, Instance, IssuedCredential, Team, User } from '../../forge/contract/host.ts'
import { signIn } from './browser.ts'
import { startForge, type Forge } from './forge.ts'
import { startNodeRed, type NodeRed } from './node-red.ts'
import { freePort } from './process.ts'
import { DEMO_FLOWS } from './tools.ts'

const FOLDER = fileURLToPath(new URL('../../var/demo/', import.meta.url))

export interface Person {
  username: string
  name: string
  password: string
}

export interface Sample {
  forge: Forge
  nodeRed: NodeRed
  instance: Pick<Instance, 'id' | 'name' | 'url'>
  team: Pick<Team, 'id' | 'name'>
  /** Owns the team. */
  alice: Person
  /** A viewer in it. */
  bob: Person
  admin: Person
  /** For the flow editor, which is Node-RED's own and knows nothing of the forge. */
  editor: { url: string; username: string; password: string }
  /** Stops both. What they have kept goes when this process ends. */
  stop(): Promise<void>
}

/** A forge with a team, people and an instance, and the Node-RED that is that instance. @throws {Error} */
export async function startSample(): Promise<Sample> {
  await mkdir(FOLDER, { recursive: true })
  const folder = await mkdtemp(join(FOLDER, 'run-'))
  const [admin, alice, bob] = [
    person('admin', 'Ada Admin'),
    person('alice', 'Alice Arnold'),
    person('bob', 'Bob Brown'),
  ]
  const started: { stop(): Promise<void> }[] = []
  const stop = async () => void (await Promise.all(started.map((server) => server.stop())))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

  try {
    const forge = await startForge({ folder, port: await freePort(), admin: { ...admin, email: 'admin@example.com' } })
    started.push(forge)
    await createPeople(forge, admin, [alice, bob])
    const port = await freePort()
    const { team, instance, credential } = await createInstance(forge, { owner: alice, viewer: bob, port })

    const editor = { url: `${instance.url}/admin/`, username: 'editor', password: password() }
    const userDir = join(folder, 'node-red')
    await mkdir(userDir)
    const settings = instanceSettings({ forge, instance, credential, editor })
    const nodeRed = await startNodeRed({ userDir, port, flows: DEMO_FLOWS, settings })
    started.push(nodeRed)
    return { forge, nodeRed, instance, team, alice, bob, admin, editor, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function person(username: string, name: string): Person {
  return { username, name, password: password() }
}

function password(): string {
  return randomBytes(12).toString('base64url')
}

async function createPeople(forge: Forge, admin: Person, people: readonly Person[]): Promise<void> {
  const browser = await signIn(forge.url, admin.username, admin.password)
  for (const each of people) {
    await browser.post<User>('/api/v1/users', { ...each, email: `${each.username}@example.com` })
  }
}

async function createInstance(forge: Forge, { owner, viewer, port }: { owner: Person; viewer: Person; port: number }) {
  const browser = await signIn(forge.url, owner.username, owner.password)
  const team = await browser.post<Team>('/api/v1/teams', { name: 'Line 4' })
  await browser.post(`/api/v1/teams/${team.id}/members`, { user: viewer.username, role: 'viewer' })
  const application = await browser.post<Application>('/api/v1/applications', { teamId: team.id, name: 'Packaging' })
  const instance = await browser.post<Instance>('/api/v1/instances', {
    applicationId: application.id,
    name: 'packing-line',
    url: `http://127.0.0.1:${port}`,
  })
  const { credential } = await browser.post<IssuedCredential>(`/api/v1/instances/${instance.id}/credentials`, {})
  return { team, instance, credential }
}

/** What somebody who runs an instance writes into its settings file. */
function instanceSettings(of: {
  forge: Forge
  instance: Pick<Instance, 'id' | 'url'>
  credential: string
  editor: Sample['editor']
}): string {
  const forgePat = {
    forgeUrl: of.forge.url,
    instanceId: of.instance.id,
    instanceToken: of.credential,
    resourceUrl: of.instance.url,
    resourceName: 'Packing line',
  }
  const { username, password: secret } = of.editor
  return `forgePat: ${JSON.stringify(forgePat)},
  adminAuth: {
    type: 'credentials',
    users: async (name) => (name === ${JSON.stringify(username)} ? { username: name, permissions: '*' } : null),
    authenticate: async (name, secret) =>
      name === ${JSON.stringify(username)} && secret === ${JSON.stringify(secret)} ? { username: name, permissions: '*' } : null,
  },`
}
