import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { parseToken } from '../../forge/contract/token-format.ts'
import type { Environment } from '../../forge/host/config-error.ts'
import { CommandError } from '../command-error.ts'
import { writeAtomically } from './atomic-file.ts'
import { keychainOf, type Keychain } from './keychain.ts'
import { stateFolder } from './places.ts'

/** What was asked for at sign-in, so that it can be asked for again. */
export interface Wishes {
  scope: string
  /** Addresses of instances (RFC 8707); none: the person chooses in the browser. */
  resources: string[]
}

export interface KnownInstance {
  name: string
  url: string
}

/** What is remembered of a token. The text itself is here only where there is no keychain. */
export interface StoredToken {
  /** The public part of the token's text. */
  selector: string
  forge: string
  name: string
  username: string
  expiresAt: string | null
  storedAt: string
  wishes: Wishes
  /** Where it may be sent. */
  instances: KnownInstance[]
  text: string | null
}

export interface TokenStore {
  folder: string
  /** Newest first. */
  list(): StoredToken[]
  /** @returns where the text is now, in words */
  add(token: Omit<StoredToken, 'selector' | 'text'>, text: string): Promise<string>
  /** Writes down anew what is known of a token that is still kept. */
  update(token: StoredToken): void
  /** @throws {CommandError} where the keychain does not give it */
  textOf(token: StoredToken): Promise<string>
  remove(token: StoredToken): Promise<void>
  /** Files that others on this machine could read. */
  exposed(): string[]
}

const PRIVATE = { mode: 0o600, folderMode: 0o700 }

/**
 * The tokens that this machine keeps: a file for each, so that runs at the same time don't get in each other's way.
 */
export function openTokenStore(env: Environment): TokenStore {
  const folder = join(stateFolder(env), 'tokens')
  const keychain = keychainOf(env)
  const fileOf = ({ selector }: { selector: string }) => join(folder, `${selector}.json`)
  const write = (token: StoredToken) => writeAtomically(fileOf(token), `${JSON.stringify(token, null, 2)}\n`, PRIVATE)

  return {
    folder,
    list: () =>
      namesIn(folder)
        .flatMap((name) => readRecord(join(folder, name)))
        .sort((a, b) => b.storedAt.localeCompare(a.storedAt)),

    async add(token, text) {
      const selector = parseToken(text)?.selector
      if (selector === undefined) throw new CommandError('The forge answered with something that is not a token.')

      const kept = (await keychain?.put(selector, text)) === true
      write({ selector, ...token, text: kept ? null : text })
      if (existsSync(folder)) chmodSync(folder, PRIVATE.folderMode)
      return kept && keychain ? keychain.name : fileOf({ selector })
    },

    update(token) {
      if (existsSync(fileOf(token))) write(token)
    },

    textOf: (token) => textOf(token, keychain),

    async remove(token) {
      if (token.text === null) await keychain?.remove(token.selector)
      rmSync(fileOf(token), { force: true })
    },

    exposed: () =>
      process.platform === 'win32'
        ? []
        : [folder, ...namesIn(folder).map((name) => join(folder, name))].filter(
            (path) => existsSync(path) && (statSync(path).mode & 0o077) !== 0,
          ),
  }
}

async function textOf({ name, selector, text }: StoredToken, keychain: Keychain | null): Promise<string> {
  const found = text ?? (await keychain?.get(selector)) ?? null
  if (found !== null) return found
  throw new CommandError(
    `The token "${name}" is in the keychain, which does not give it. Unlock it, or run forge-pat login again.`,
  )
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => /^[0-9A-Za-z]{12}\.json$/.test(name)) : []
}

/** A file that another run removes at this moment is none, and neither is one that somebody has damaged. */
function readRecord(path: string): StoredToken[] {
  try {
    const token = JSON.parse(readFileSync(path, 'utf8')) as Partial<StoredToken>
    return typeof token.selector === 'string' && typeof token.forge === 'string' ? [token as StoredToken] : []
  } catch {
    return []
  }
}
