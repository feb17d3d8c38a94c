import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

import sqlite3 from 'sqlite3'

import { startServer, type ServerProcess } from '../../../scripts/demo/process.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** What every account of these tests has. */
export const PASSWORD = 'correct-horse-battery'

export interface Home {
  folder: string
  /** The package of FlowFuse's that starts the Node-RED of each instance, and brings plugins for it. */
  launcher: string
  /** FlowFuse's SQLite file. */
  database: string
  /** Of an instance: what its driver keeps of it. */
  projectFolder(instanceId: string): string
  /** Changes FlowFuse's database by hand, or asks it. */
  run<Row = unknown>(sql: string, bind?: unknown[]): Promise<Row[]>
  /** Starts FlowFuse, on what it kept from before. @param env besides what it needs itself */
  start(env?: Record<string, string>): Promise<ServerProcess>
}

/**
 * The folder in which a FlowFuse keeps everything.
 * @param url where people reach it
 * @param ports where it listens itself, and the first of those of its instances
 */
export async function createHome(
  folder: string,
  { url, ports }: { url: string; ports: { flowfuse: number; instances: number } },
): Promise<Home> {
  const { FLOWFUSE_FOLDER: flowfuse = '', FLOWFUSE_STACKS: stacks = '' } = process.env
  if (!flowfuse || !stacks) throw new Error('There is no FlowFuse. Start these tests by npm run test:flowfuse.')

  for (const each of ['etc', 'var/projects']) await mkdir(join(folder, each), { recursive: true })
  for (const stack of await readdir(stacks)) await refreshPackage(join(stacks, stack))
  await symlink(stacks, join(folder, 'var/stacks'))
  const settings = {
    host: '127.0.0.1',
    port: ports.flowfuse,
    base_url: url,
    email: { enabled: false },
    telemetry: { enabled: false },
    db: { type: 'sqlite', storage: 'forge.db' },
    driver: { type: 'localfs', options: { start_port: ports.instances } },
    create_admin: true,
    create_admin_access_token: true,
    logging: { level: 'info', http: 'warn', pretty: false },
  }
  // YAML takes JSON.
  await writeFile(join(folder, 'etc/flowforge.yml'), JSON.stringify(settings))

  return {
    folder,
    launcher: findLauncher(flowfuse),
    database: join(folder, 'var/forge.db'),
    run: (sql, bind) => runIn(join(folder, 'var/forge.db'), sql, bind),
    projectFolder: (instanceId) => join(folder, 'var/projects', instanceId),
    start: (env) =>
      startServer({
        name: 'FlowFuse',
        script: join(flowfuse, 'forge/app.js'),
        env: { FLOWFORGE_HOME: folder, NODE_ENV: 'production', FF_ADMIN_PASSWORD: PASSWORD, ...env },
        ready: [`Server listening at http://127.0.0.1:${ports.flowfuse}`],
      }),
  }
}

/** Where the driver that starts instances on this machine finds it. @throws {Error} where it does not */
function findLauncher(flowfuse: string): string {
  const driver = createRequire(join(flowfuse, 'package.json')).resolve('@flowfuse/driver-localfs/package.json')
  const folders = createRequire(driver).resolve.paths('@flowfuse/nr-launcher') ?? []
  const launcher = folders.map((each) => join(each, '@flowfuse/nr-launcher')).find((each) => existsSync(each))
  if (launcher === undefined) throw new Error(`${flowfuse} has no @flowfuse/nr-launcher`)
  return launcher
}

/** Puts what is built of this package now into a stack that has it, and all that it depends on, from an earlier time. */
async function refreshPackage(stack: string): Promise<void> {
  if (!existsSync(join(stack, 'node_modules/forge-pat'))) return
  for (const part of ['bin', 'dist', 'package.json'].map((name) => join(ROOT, name))) {
    const installed = join(stack, 'node_modules/forge-pat', basename(part))
    await rm(installed, { recursive: true, force: true })
    await cp(part, installed, { recursive: true })
  }
}

async function runIn<Row>(storage: string, sql: string, bind: unknown[] = []): Promise<Row[]> {
  const db = new sqlite3.Database(storage)
  db.configure('busyTimeout', 5_000)
  try {
    return await new Promise((resolve, reject) => {
      db.all(sql, bind, (error, rows: Row[]) => (error ? reject(error) : resolve(rows)))
    })
  } finally {
    db.close()
  }
}
