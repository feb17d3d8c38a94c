import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { createSecretKeys, type SecretKeys } from '../keys.ts'
import { ConfigError, type Config } from './config.ts'

const KEY_BYTES = 32

/**
 * The server key: the configured one, or the one in the file `secret-key` beside the SQLite database, which the first
 * start writes; and those before it.
 * @param create false for what must not write: without a key there is none
 * @throws {ConfigError} when that file holds something else, or cannot be read or written
 */
export async function loadSecretKeys(
  { secretKey, oldSecretKeys, databaseUrl }: Pick<Config, 'secretKey' | 'oldSecretKeys' | 'databaseUrl'>,
  { create = true } = {},
): Promise<SecretKeys> {
  if (secretKey !== null) return createSecretKeys(secretKey, oldSecretKeys)

  const file = join(dirname(databaseUrl.slice('sqlite:'.length)), 'secret-key')
  const text = await readOrCreateKey(file, create)
  try {
    return createSecretKeys(text.trim(), oldSecretKeys)
  } catch {
    throw new ConfigError(`FORGE_SECRET_KEY is not set and ${file} does not hold 32 bytes in base64.`)
  }
}

async function readOrCreateKey(file: string, create: boolean): Promise<string> {
  try {
    return (await readKey(file)) ?? (create ? await createKey(file) : '')
  } catch (error) {
    if (!isSystemError(error)) throw error
    throw new ConfigError(`FORGE_SECRET_KEY is not set and ${file} cannot be read or written (${error.code}).`)
  }
}

async function readKey(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null
    throw error
  }
}

/** Two forges may start at once: the key appears complete or not at all, and the second one takes the first one's. */
async function createKey(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  await writeFile(draft, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })

  try {
    await link(draft, file)
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error
  } finally {
    await rm(draft)
  }
  return readFile(file, 'utf8')
}

function isSystemError(error: unknown, code?: string): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && (code === undefined || error.code === code)
}
