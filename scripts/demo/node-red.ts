import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { Flow } from './flows.ts'
import { startServer, type ServerProcess } from './process.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface NodeRedOptions {
  /** Its own folder, empty. */
  userDir: string
  port: number
  flows: Flow
  /** JavaScript: more properties of the settings file, which is CommonJS as Node-RED wants it. */
  settings: string
  env?: Record<string, string>
}

export interface NodeRed extends ServerProcess {
  url: string
}

/**
 * Starts a real Node-RED, with this package installed as a user would install it.
 * @throws {Error} with its output, when it does not come up
 */
export async function startNodeRed({ userDir, port, flows, settings, env = {} }: NodeRedOptions): Promise<NodeRed> {
  await installPackage(userDir)
  await writeFile(join(userDir, 'flows.json'), JSON.stringify(flows))
  await writeFile(join(userDir, 'settings.js'), settingsFile(settings))

  const server = await startServer({
    name: 'Node-RED',
    script: join(dirname(createRequire(import.meta.url).resolve('node-red/package.json')), 'red.js'),
    args: ['-u', userDir, '-s', join(userDir, 'settings.js'), '-p', String(port)],
    env,
    ready: ['Server now running', 'Started flows'],
  })
  return { ...server, url: `http://127.0.0.1:${port}` }
}

/** What `npm install forge-pat` in the user folder does, without copying. */
async function installPackage(userDir: string): Promise<void> {
  await mkdir(join(userDir, 'node_modules'), { recursive: true })
  await symlink(ROOT, join(userDir, 'node_modules', 'forge-pat'), 'junction')
  const dependencies = { 'forge-pat': '*' }
  await writeFile(join(userDir, 'package.json'), JSON.stringify({ name: 'node-red-user', private: true, dependencies }))
}

function settingsFile(settings: string): string {
  return `module.exports = {
  uiHost: '127.0.0.1',
  flowFile: 'flows.json',
  credentialSecret: false,
  httpAdminRoot: '/admin',
  telemetry: { enabled: false },
  logging: { console: { level: 'info' } },
  ${settings}
}
`
}
