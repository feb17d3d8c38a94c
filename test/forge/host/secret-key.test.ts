import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { ConfigError } from '../../../forge/host/config.ts'
import { loadSecretKeys } from '../../../forge/host/secret-key.ts'
import { createSecretKeys } from '../../../forge/keys.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forge-key-'))
})
afterEach(() => rm(folder, { recursive: true }))

const config = () => ({ secretKey: null, oldSecretKeys: [], databaseUrl: `sqlite:${join(folder, 'var', 'forge.db')}` })

describe('loadSecretKeys', () => {
  it('uses the configured key and writes nothing', async () => {
    const secretKey = Buffer.alloc(32, 9).toString('base64')

    const keys = await loadSecretKeys({ ...config(), secretKey })

    expect(keys.id).toBe(createSecretKeys(secretKey).id)
    expect(await readdir(folder)).toEqual([])
  })

  it('writes a key for its owner alone, and finds it again', async () => {
    const first = await loadSecretKeys(config())
    const second = await loadSecretKeys(config())

    expect(second.id).toBe(first.id)
    expect((await stat(join(folder, 'var', 'secret-key'))).mode & 0o777).toBe(0o600)
    expect(await readdir(join(folder, 'var'))).toEqual(['secret-key'])
  })

  it('gives two forges that start at once the same key', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => loadSecretKeys(config())))

    expect(new Set(all.map(({ id }) => id)).size).toBe(1)
  })

  it('refuses a file that holds something else, and keeps it', async () => {
    await loadSecretKeys(config())
    const file = join(folder, 'var', 'secret-key')
    await writeFile(file, 'my notes')

    await expect(loadSecretKeys(config())).rejects.toThrow(ConfigError)
    expect(await readFile(file, 'utf8')).toBe('my notes')
  })

  it('says in one sentence that the file cannot be written', async () => {
    await writeFile(join(folder, 'var'), 'not a folder')
    await chmod(folder, 0o700)

    await expect(loadSecretKeys(config())).rejects.toThrow(
      /^FORGE_SECRET_KEY is not set and .* cannot be read or written/,
    )
  })
})
