import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}

export interface FreshForge {
  baseUrl: string
  setupLink: string
  stop(): Promise<void>
}

/** A built forge of its own on an empty database, which waits for its first administrator. @param mountPath '' or '/pat' */
export async function startFreshForge(mountPath: string): Promise<FreshForge> {
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'forge-setup-'))
  const baseUrl = `http://127.0.0.1:${port}${mountPath}`
  const child = spawn(process.execPath, ['dist/forge/host/main.js'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      PORT: String(port),
      BASE_URL: baseUrl,
      DATABASE_URL: `sqlite:${join(folder, 'forge.db')}`,
      LOG_LEVEL: 'warn',
    },
  })

  const stop = async () => {
    if (child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit')
    await rm(folder, { recursive: true, force: true })
  }
  try {
    return { baseUrl, setupLink: await readSetupLink(child), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function readSetupLink({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('the forge has no output')
  for await (const line of createInterface({ input: stdout })) {
    const [link] = /https?:\S+\/setup#\S+/.exec(line) ?? []
    // Let it print on: a full pipe would stop it.
    if (link !== undefined) {
      stdout.resume()
      return link
    }
  }
  throw new Error('the forge ended without printing a set-up link')
}
