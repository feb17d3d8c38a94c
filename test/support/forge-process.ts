import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

import { freePort, TEST_SECRET_KEY } from './forge.ts'

export interface ForgeProcess {
  url: string
  child: ChildProcess
  /** Everything that it has printed until now. */
  output(): string
  /** Its exit code; null when a signal ended it. */
  ended: Promise<number | null>
  /** As the kernel does it when memory is short: nothing of the process runs any more. */
  kill(): Promise<void>
}

export interface ForgeProcessOptions {
  databaseUrl: string
  port?: number
  env?: Record<string, string>
  /** Modules that Node loads first, as its `--import` takes them. */
  preload?: string[]
}

const running: ForgeProcess[] = []

/** A forge in a process of its own, as `npm start` runs it, that serves. */
export async function startForgeProcess(options: ForgeProcessOptions): Promise<ForgeProcess> {
  const forge = await runForgeProcess(options)
  await new Promise<void>((ready, failed) => {
    void forge.ended.then((code) => failed(new Error(`the forge ended with ${code}: ${forge.output()}`)))
    forge.child.stdout?.on('data', () => forge.output().includes('is ready at') && ready())
  })
  return forge
}

/** The same, that may not serve yet, or never will. */
export async function runForgeProcess(options: ForgeProcessOptions): Promise<ForgeProcess> {
  const { databaseUrl, port = await freePort(), env = {}, preload = [] } = options
  const imports = preload.flatMap((path) => ['--import', path])
  const child = spawn(process.execPath, [...imports, 'dist/forge/host/main.js'], {
    env: {
      PATH: process.env['PATH'],
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      FORGE_SECRET_KEY: TEST_SECRET_KEY,
      LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe', ...(preload.length > 0 ? (['ipc'] as const) : [])],
  })
  const printed: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => printed.push(String(chunk)))

  const ended = once(child, 'close').then(([code]) => code as number | null)
  const forge: ForgeProcess = {
    url: `http://127.0.0.1:${port}`,
    child,
    output: () => printed.join(''),
    ended,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
  running.push(forge)
  return forge
}

/** Ends whatever a test has left running. */
export async function killForgeProcesses(): Promise<void> {
  for (const forge of running.splice(0)) await forge.kill()
}
