import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Flow } from '../../../scripts/demo/flows.ts'
import { callAs, until } from './api.ts'
import type { Team } from './people.ts'
import type { Site } from './site.ts'

export interface FlowFuseInstance {
  /** FlowFuse's. */
  uuid: string
  /** Ours. */
  id: string
  /** Without a slash at its end. */
  url: string
  /** The `fft_` token that its launcher has now. */
  credential(): Promise<string>
}

export interface FlowFuseApplication {
  id: string
  team: Team
}

export async function createApplication({ admin }: Site, team: Team, name = 'Packaging'): Promise<FlowFuseApplication> {
  const { id } = await admin<{ id: string }>('POST', '/api/v1/applications', { name, teamId: team.id })
  return { id, team }
}

/** An instance whose launcher has been started; its Node-RED may still be on the way. */
export async function createInstance(
  { admin, home }: Site,
  { id: applicationId, team }: FlowFuseApplication,
  name: string,
): Promise<FlowFuseInstance> {
  const first = async (list: string, key: string) =>
    (await admin<Record<string, { id: string }[]>>('GET', `/api/v1/${list}`))[key]?.[0]?.id
  const { id: uuid } = await admin<{ id: string }>('POST', '/api/v1/projects', {
    name,
    applicationId,
    projectType: await first('project-types', 'types'),
    stack: await first('stacks', 'stacks'),
    template: await first('templates', 'templates'),
  })
  const credential = async () => {
    const settings = await readFile(join(home.projectFolder(uuid), 'settings.js'), 'utf8')
    const [token] = /fft_[\w-]+/.exec(settings) ?? []
    if (token === undefined) throw new Error('the settings of the instance hold no token')
    return token
  }
  await until(credential)
  const { url } = await admin<{ url: string }>('GET', `/api/v1/projects/${uuid}`)
  return { uuid, id: `${uuid}_${team.id}`, url: url.replace(/\/$/, ''), credential }
}

/** Gives an instance its flows and settings, and waits until it runs with them. */
export async function setUp(
  site: Site,
  instance: FlowFuseInstance,
  { flows, settings }: { flows: Flow; settings: object },
): Promise<void> {
  const asInstance = callAs(site.url, { authorization: `Bearer ${await instance.credential()}` })
  await isRunning(site, instance)
  await asInstance('POST', `/storage/${instance.uuid}/flows`, flows)
  await site.admin('PUT', `/api/v1/projects/${instance.uuid}`, { settings })
  await restart(site, instance)
}

/** Starts its Node-RED anew, and waits until it works. */
export async function restart(site: Site, instance: FlowFuseInstance): Promise<void> {
  const before = lastStart(await logOf(site.admin, instance.uuid))
  await site.admin('POST', `/api/v1/projects/${instance.uuid}/actions/restart`)
  await until(() => hasStarted(site, instance, before))
}

/** FlowFuse 2.4 breaks down when an instance is deleted in the second in which it was started. */
export const isRunning = (site: Site, instance: FlowFuseInstance) => until(() => hasStarted(site, instance, 0))

/** @param since a time of its log @throws {Error} until its Node-RED has begun to work */
async function hasStarted({ home, admin }: Site, { uuid }: FlowFuseInstance, since: number): Promise<void> {
  const { meta } = await admin<{ meta?: { state?: string } }>('GET', `/api/v1/projects/${uuid}`)
  const log = await logOf(admin, uuid)
  if (lastStart(log) > since && meta?.state === 'running') return
  const launcher = await readFile(join(home.projectFolder(uuid), 'out.log'), 'utf8')
  throw new Error(`the instance is ${meta?.state}:\n${launcher}\n${log.map(({ msg }) => msg).join('\n')}`)
}

const lastStart = (log: LogLine[]) =>
  Math.max(0, ...log.filter(({ msg }) => msg === 'Started flows').map(({ ts }) => +ts))

interface LogLine {
  /** A number that grows. */
  ts: string
  msg: string
}

/** What its launcher and its Node-RED said. */
export async function logOf(admin: Site['admin'], uuid: string): Promise<LogLine[]> {
  const { log } = await admin<{ log: LogLine[] }>('GET', `/api/v1/projects/${uuid}/logs`)
  return log
}
