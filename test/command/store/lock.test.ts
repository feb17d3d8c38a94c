import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { withLock } from '../../../command/store/lock.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forge-pat-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const locks = () => readdirSync(join(folder, 'locks'))

describe('withLock', () => {
  it('lets nobody in between reading and writing', async () => {
    const path = join(folder, 'count')
    writeFileSync(path, '0')
    const addOne = () =>
      withLock(folder, path, async () => {
        const count = Number(readFileSync(path, 'utf8'))
        await turn()
        writeFileSync(path, String(count + 1))
      })
    await Promise.all([addOne(), addOne(), addOne()])

    expect(readFileSync(path, 'utf8')).toBe('3')
    expect(locks()).toEqual([])
  })

  it('goes on after work that failed', async () => {
    await expect(withLock(folder, 'a', async () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(locks()).toEqual([])
  })

  it('takes over what a killed run has left behind', async () => {
    await withLock(folder, 'a', async () => {
      const [name = ''] = locks()
      writeFileSync(join(folder, 'name'), name)
    })
    const { pid } = spawnSync(process.execPath, ['-e', '0'])
    mkdirSync(join(folder, 'locks'), { recursive: true })
    writeFileSync(join(folder, 'locks', readFileSync(join(folder, 'name'), 'utf8')), String(pid))

    expect(await withLock(folder, 'a', async () => 'done')).toBe('done')
  })
})
