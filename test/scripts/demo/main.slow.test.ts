import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { describe, expect, it, onTestFinished, vi } from 'vitest'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const RUNS = fileURLToPath(new URL('../../../var/demo', import.meta.url))

function demo(...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/demo/main.ts', ...args], { cwd: ROOT })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  const add = (chunk: Buffer) => (output += chunk.toString())
  child.stdout.on('data', add)
  child.stderr.on('data', add)
  return { child, output: () => output }
}

async function exitCode(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) await once(child, 'exit')
  return child.exitCode
}

const runs = () => (existsSync(RUNS) ? readdirSync(RUNS) : [])

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  )
}

describe('the demo', () => {
  it('explains itself', async () => {
    const { child, output } = demo('--help')

    expect(await exitCode(child)).toBe(0)
    expect(output()).toContain('npm run demo -- --once')
  })

  it('refuses an option that it does not know', async () => {
    const { child, output } = demo('--twice')

    expect(await exitCode(child)).toBe(1)
    expect(output()).toContain("Unknown option '--twice'")
  })

  it('stays until Ctrl-C, with configs that refer to the secret, and then leaves nothing behind', async () => {
    const before = runs()
    const { child, output } = demo()
    await vi.waitFor(() => expect(output()).toContain('Ctrl-C stops both'), { timeout: 90_000, interval: 100 })

    const [, forge = ''] = /The forge +(http\S+)/.exec(output()) ?? []
    const [, instance = ''] = /The instance +(http\S+)/.exec(output()) ?? []
    expect(await Promise.all([answers(`${forge}/health/ready`), answers(instance)])).toEqual([true, true])
    for (const reference of ['Bearer ${FORGE_TOKEN}', 'Bearer ${env:FORGE_TOKEN}', 'Bearer ${input:forge-token}']) {
      expect(output()).toContain(reference)
    }
    expect(output()).not.toMatch(/ffpat_|fft_/)

    child.kill('SIGINT')
    expect(await exitCode(child)).toBe(0)
    expect(await Promise.all([answers(`${forge}/health/ready`), answers(instance)])).toEqual([false, false])
    expect(runs()).toEqual(before)
  })

  it('leaves nothing behind when it is interrupted while it starts', async () => {
    const before = runs()
    const { child, output } = demo()
    await vi.waitFor(() => expect(runs()).not.toEqual(before), { timeout: 60_000, interval: 20 })

    child.kill('SIGTERM')

    expect(await exitCode(child)).toBe(130)
    expect(output()).not.toContain('The instance')
    expect(runs()).toEqual(before)
  })
})
