import { spawn, type ChildProcess } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer, type AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const START_TIMEOUT_MS = 60_000

export interface NodeRedOptions {
  /** Its own folder, empty. */
  userDir: string
  port: number
  flows: readonly object[]
  /** JavaScript: more properties of the settings file, which is CommonJS as Node-RED wants it. */
  settings: string
  env?: Record<string, string>
}

export interface NodeRed {
  url: string
  /** All that it has written so far. */
  output(): string
  stop(): Promise<void>
}

/**
 * Starts a real Node-RED as a process of its own, with this package installed as a user would install it.
 * @throws {Error} with its output, when it does not come up
 */
export async function startNodeRed({ userDir, port, flows, settings, env = {} }: NodeRedOptions): Promise<NodeRed> {
  await installPackage(userDir)
  await writeFile(join(userDir, 'flows.json'), JSON.stringify(flows))
  await writeFile(join(userDir, 'settings.js'), settingsFile(settings))

  const child = spawn(
    process.execPath,
    [nodeRedScript(), '-u', userDir, '-s', join(userDir, 'settings.js'), '-p', `${port}`],
    {
      env: { ...environmentWithoutForge(), NODE_RED_DISABLE_TELEMETRY: 'true', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ctrl-C in a terminal goes to the whole group; who started this one stops it.
      detached: true,
    },
  )
  const output = follow(child)
  const stop = () => stopProcess(child)
  try {
    await output.waitFor('Server now running', 'Started flows')
  } catch (error) {
    await stop()
    throw error
  }
  return { url: `http://127.0.0.1:${port}`, output: output.text, stop }
}

/** A port that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
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

function nodeRedScript(): string {
  return join(dirname(createRequire(import.meta.url).resolve('node-red/package.json')), 'red.js')
}

/** What is set for a forge in this shell must not reach an instance by accident. */
function environmentWithoutForge(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FORGE_')))
}

interface Output {
  text(): string
  /** Resolves once all of these have been written. @throws {Error} when the process ends, or takes too long */
  waitFor(...texts: string[]): Promise<void>
}

function follow(child: ChildProcess): Output {
  let text = ''
  const written = new EventEmitter()
  const add = (chunk: Buffer) => {
    text += chunk.toString()
    written.emit('more')
  }
  child.stdout?.on('data', add)
  child.stderr?.on('data', add)
  child.on('exit', () => written.emit('more'))

  return {
    text: () => text,
    waitFor: async (...texts) => {
      const signal = AbortSignal.timeout(START_TIMEOUT_MS)
      while (!texts.every((each) => text.includes(each))) {
        if (child.exitCode !== null) throw new Error(`Node-RED ended with code ${child.exitCode}:\n${text}`)
        await once(written, 'more', { signal }).catch((cause: unknown) => {
          throw new Error(`Node-RED did not start in time:\n${text}`, { cause })
        })
      }
    },
  }
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return

  const exited = once(child, 'exit')
  const force = setTimeout(() => child.kill('SIGKILL'), 10_000)
  child.kill('SIGTERM')
  await exited
  clearTimeout(force)
}
