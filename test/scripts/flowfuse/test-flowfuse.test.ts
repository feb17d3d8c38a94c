import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterEach, beforeEach, expect, it } from 'vitest'

let dir: string
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'forge-checkout-'))))
afterEach(() => rmSync(dir, { recursive: true }))

function run(...args: string[]): { code: number | null; out: string; err: string } {
  const script = 'scripts/flowfuse/test.mjs'
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' })
  return { code: status, out: stdout, err: stderr }
}

function write(path: string, content: object | string): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true })
  writeFileSync(join(dir, path), typeof content === 'string' ? content : JSON.stringify(content))
}

it('says what it does', () => {
  const { code, out } = run('--help')

  expect(code).toBe(0)
  for (const option of ['--dir <checkout>', '--help', 'FLOWFUSE_TEST_FOLDER']) expect(out).toContain(option)
})

it('says step by step what a folder lacks', () => {
  const lacks = () => {
    const { code, out, err } = run('--dir', dir)
    expect([code, out]).toEqual([2, ''])
    return err.replace(dir, 'dir').trim()
  }

  expect(lacks()).toMatch(/^dir is no FlowFuse: /)
  write('package.json', { name: 'another', version: '2.33.2' })
  write('forge/app.js', '')
  expect(lacks()).toMatch(/^dir is no FlowFuse: /)
  write('package.json', { name: '@flowfuse/flowfuse', version: '2.33.2' })
  expect(lacks()).toBe('dir is not installed: it lacks fastify and @flowfuse/driver-localfs. Run npm install there.')
  write('node_modules/fastify/package.json', { version: '5.12.8' })
  write('node_modules/@flowfuse/driver-localfs/package.json', {})
  expect(lacks()).toMatch(/^dir has no pages.*Run npm run build there\.$/)
})

it('wants to be told the folder', () => {
  expect(run('--dir')).toMatchObject({ code: 2, err: '--dir needs the folder of a FlowFuse. See --help.\n' })
  expect(run('--dir=', 'journey')).toMatchObject({ code: 2 })
  expect(run('--dir', '--headed')).toMatchObject({ code: 2 })
})
