import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { freePort, startServer } from '../../../scripts/demo/process.ts'
import { callAs, until, type Call } from './api.ts'
import { startFront } from './front.ts'
import { createHome, type Home } from './home.ts'

const FORGE_PAT = fileURLToPath(new URL('../../../bin/forge-pat.mjs', import.meta.url))
const PRELOAD = `--import ${new URL('../../../dist/forge/flowfuse/inside/preload.js', import.meta.url).href}`

/** How forge-pat stands to FlowFuse: a process of its own behind nginx, or loaded into FlowFuse's by the preload file. */
export type Stance = 'beside' | 'inside'

/** A real FlowFuse and forge-pat at one address. */
export interface Site {
  /** Where people and instances find both; ours is below `/pat`. */
  url: string
  home: Home
  /** Calls FlowFuse as its administrator. */
  admin: Call
  /** How forge-pat is told where FlowFuse is, beside it: the options of `serve` and `doctor`. */
  options: string[]
  /** Instances run on, as those of a FlowFuse that is upgraded do. */
  stopFlowFuse(): Promise<void>
  startFlowFuse(): Promise<void>
  close(): Promise<void>
}

/** With the entry in FlowFuse's menu switched on. */
export async function startSite(stance: Stance): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'forge-flowfuse-'))
  const flowfusePort = await freePort()
  const frontPort = stance === 'beside' ? await freePort() : flowfusePort
  const url = `http://127.0.0.1:${frontPort}`
  const home = await createHome(join(folder, 'home'), {
    url,
    ports: { flowfuse: flowfusePort, instances: await freeForInstances() },
  })
  const env: Record<string, string> = stance === 'inside' ? { NODE_OPTIONS: PRELOAD, FORGE_PAT_MENU: 'true' } : {}

  let flowfuse = await home.start(env)
  const token = /\[SETUP\] token: (ffpat_[\w-]+)/.exec(flowfuse.output())?.[1] ?? ''
  const admin = callAs(url, { authorization: `Bearer ${token}` })
  const ours = stance === 'beside' ? await startBeside(folder, { url, home, flowfusePort, frontPort }) : null
  await until(() => admin('GET', '/pat/health/ready'))

  return {
    url,
    home,
    admin,
    options: ours?.options ?? [],
    stopFlowFuse: () => flowfuse.stop(),
    startFlowFuse: async () => void (flowfuse = await home.start(env)),
    async close() {
      await ours?.stop()
      await flowfuse.stop()
      await killInstances(home)
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}

/** A process of its own, and nginx in front of it and of FlowFuse. */
async function startBeside(
  folder: string,
  { url, home, flowfusePort, frontPort }: { url: string; home: Home; flowfusePort: number; frontPort: number },
) {
  const port = await freePort()
  const options = [
    ...['--host', 'flowfuse', '--base-url', `${url}/pat`, '--flowfuse-url', `http://127.0.0.1:${flowfusePort}`],
    ...['--flowfuse-database', `sqlite:${home.database}`, '--database', `sqlite:${join(folder, 'forge-pat.db')}`],
    ...['--port', String(port), '--trust-proxy', 'loopback'],
  ]
  const stopFront = await startFront(join(folder, 'front'), { front: frontPort, flowfuse: flowfusePort, ours: port })
  const ours = await startServer({
    name: 'forge-pat',
    script: FORGE_PAT,
    args: ['serve', ...options],
    env: { LOG_LEVEL: 'warn' },
    ready: ['forge-pat is ready at'],
  })
  const stop = async () => {
    await ours.stop()
    await stopFront()
  }
  return { options, stop }
}

/** Those of the local driver outlive FlowFuse. Each is a group of processes: a launcher and its Node-RED. */
async function killInstances({ run }: Home): Promise<void> {
  for (const { pid } of await run<{ pid: number }>(
    `SELECT "value" AS "pid" FROM "ProjectSettings" WHERE "key" = 'pid'`,
  )) {
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // It has ended already.
    }
  }
}

/** The first of a few ports for instances: FlowFuse takes the next for the next, and each one a thousand above it. */
async function freeForInstances(): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 1_000) * 10
    const ports = [0, 1, 2, 3, 4].flatMap((next) => [first + next, first + next + 1_000])
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    server.close()
    return true
  } catch {
    return false
  }
}
