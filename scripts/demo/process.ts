import { spawn, type ChildProcess } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

const START_WITHIN_MS = 60_000
const STOP_WITHIN_MS = 10_000

export interface ServerProcess {
  /** For messages to people. */
  name: string
  /** All that it has written so far. */
  output(): string
  /** Resolves when it ends, whoever ended it. */
  ended: Promise<void>
  stop(): Promise<void>
}

export interface ServerProcessOptions {
  name: string
  script: string
  args?: readonly string[]
  env: Record<string, string>
  /** Texts that it writes once it is ready. */
  ready: readonly string[]
}

/**
 * Starts a Node.js server as a process of its own and waits until it is ready. It ends with this process.
 * @throws {Error} with its output, when it does not come up
 */
export async function startServer({
  name,
  script,
  args = [],
  env,
  ready,
}: ServerProcessOptions): Promise<ServerProcess> {
  const child = spawn(process.execPath, [script, ...args], {
    env: { ...environmentWithoutForge(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C in a terminal goes to the whole process group; here, who started a server stops it, in order.
    detached: true,
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = once(child, 'exit').then(() => void process.off('exit', kill))

  const output = follow(child)
  const stop = () => stopProcess(child, ended)
  try {
    await output.waitFor(ready)
  } catch (cause) {
    await stop()
    throw new Error(`${name} did not start. It wrote:\n${output.text()}`, { cause })
  }
  return { name, output: output.text, ended, stop }
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

/** What is set for a forge in this shell must not reach a server by accident. */
function environmentWithoutForge(): NodeJS.ProcessEnv {
  const names = ['PORT', 'HOST', 'BASE_URL', 'DATABASE_URL', 'TRUST_PROXY', 'LOG_LEVEL']
  const kept = ([name]: [string, unknown]) => !names.includes(name) && !name.startsWith('FORGE_')
  return Object.fromEntries(Object.entries(process.env).filter(kept))
}

function follow(child: ChildProcess) {
  let text = ''
  const events = new EventEmitter()
  const add = (chunk: Buffer) => {
    text += chunk.toString()
    events.emit('change')
  }
  child.stdout?.on('data', add)
  child.stderr?.on('data', add)
  child.on('exit', () => events.emit('change'))

  return {
    text: () => text,
    waitFor: async (ready: readonly string[]) => {
      const signal = AbortSignal.timeout(START_WITHIN_MS)
      while (!ready.every((each) => text.includes(each))) {
        if (child.exitCode !== null) throw new Error(`it ended with code ${child.exitCode}`)
        await once(events, 'change', { signal })
      }
    },
  }
}

async function stopProcess(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return

  const force = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
  child.kill('SIGTERM')
  await ended
  clearTimeout(force)
}
