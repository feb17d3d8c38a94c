import { spawn } from 'node:child_process'

import type { Environment } from '../../forge/host/config-error.ts'

/** The operating system's store of secrets. Its programs take them on stdin: arguments can be read by everybody. */
export interface Keychain {
  name: string
  /** @returns whether it is there now: a store may be locked, or absent on a server */
  put(account: string, secret: string): Promise<boolean>
  get(account: string): Promise<string | null>
  remove(account: string): Promise<boolean>
}

const SERVICE = 'forge-pat'
/** Long enough for a person to unlock it. */
const PATIENCE_MS = 60_000

/** What this system has, whether or not it opens; null where a file is used. Windows protects that by its folder. */
export function keychainOf(env: Environment, platform: NodeJS.Platform = process.platform): Keychain | null {
  if (platform === 'darwin') return verified(macOs(env))
  // Without a session bus secret-tool would wait for what never comes.
  if (platform === 'linux' && env['DBUS_SESSION_BUS_ADDRESS']) return verified(secretService(env))
  return null
}

/** A store is believed when it gives back what it was given. */
function verified(keychain: Keychain): Keychain {
  return {
    ...keychain,
    put: async (account, secret) => (await keychain.put(account, secret)) && (await keychain.get(account)) === secret,
  }
}

function secretService(env: Environment): Keychain {
  const attributes = (account: string) => ['service', SERVICE, 'account', account]
  const tool = (args: string[], input = '') => runProgram('secret-tool', args, { env, input })
  return {
    name: 'the keyring of your session',
    put: async (account, secret) =>
      (await tool(['store', '--label=forge-pat access token', ...attributes(account)], secret)) !== null,
    get: (account) => tool(['lookup', ...attributes(account)]),
    remove: async (account) => (await tool(['clear', ...attributes(account)])) !== null,
  }
}

function macOs(env: Environment): Keychain {
  const where = (account: string) => ['-s', SERVICE, '-a', account]
  const security = (args: string[], input = '') => runProgram('security', args, { env, input })
  return {
    name: 'your keychain',
    // `-i` reads commands from stdin; `-U` replaces. Accounts and tokens are letters, digits and underscores.
    put: async (account, secret) =>
      (await security(['-i'], `add-generic-password -U -s ${SERVICE} -a ${account} -w ${secret}\n`)) !== null,
    get: (account) => security(['find-generic-password', ...where(account), '-w']),
    remove: async (account) => (await security(['delete-generic-password', ...where(account)])) !== null,
  }
}

/** What a program says, without the line's end; null when it fails or is not there. */
function runProgram(
  program: string,
  args: string[],
  { env, input }: { env: Environment; input: string },
): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: PATIENCE_MS,
      // A Ctrl-C of the person is for the command, which tidies up.
      detached: true,
    })
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
    child.on('error', () => resolve(null))
    child.on('close', (code) => resolve(code === 0 ? said.replace(/\r?\n$/, '') : null))
    child.stdin.on('error', () => undefined).end(input)
  })
}
