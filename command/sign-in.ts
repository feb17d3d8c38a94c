import type { Terminal } from '../forge/cli/command.ts'
import type { WhoAmI } from '../forge/contract/whoami.ts'
import { whoAmI } from './ask-forge.ts'
import { CommandError } from './command-error.ts'
import { revokeToken, startDeviceGrant, waitForToken, type DeviceCode } from './device-grant.ts'
import type { Endpoints } from './discovery.ts'
import type { Fetch } from './http.ts'
import type { TokenStore, Wishes } from './store/token-store.ts'

const INTERRUPTED = 130

export interface SignIn {
  endpoints: Endpoints
  wishes: Wishes
  fetch: Fetch
  store: TokenStore
}

export interface SignedIn {
  who: WhoAmI
  /** In words. */
  keptIn: string
}

/**
 * One sign-in from its code to the stored token. Interrupted, it leaves nothing behind: no file here, and no token at
 * the forge that nobody holds.
 * @param show tells the person what to do
 */
export async function signIn(
  { endpoints, wishes, fetch, store }: SignIn,
  show: (code: DeviceCode) => void | Promise<void>,
): Promise<SignedIn> {
  return untilInterrupted(async (signal) => {
    const code = await startDeviceGrant(endpoints, wishes, fetch)
    if (!signal.aborted) await show(code)

    const text = await waitForToken(endpoints, code, { fetch, signal })
    if (text === null) throw interrupted()
    try {
      const who = await whoAmI(endpoints.issuer, text, fetch)
      if (signal.aborted) throw interrupted()
      return { who, keptIn: await store.add(recordOf(who, endpoints.issuer, wishes), text) }
    } catch (error) {
      // What went wrong first is what the person has to know.
      await revokeToken(endpoints, text, fetch).catch(() => undefined)
      throw error
    }
  })
}

function recordOf({ user, token, instances }: WhoAmI, forge: string, wishes: Wishes) {
  return {
    forge,
    name: token.name,
    username: user.username,
    expiresAt: token.expiresAt,
    storedAt: new Date().toISOString(),
    wishes,
    instances: instances.map(({ name, url }) => ({ name, url })),
  }
}

/** A second Ctrl-C ends the process at once, as people expect. */
async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const stop = () => controller.abort()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    return await work(controller.signal)
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

function interrupted(): CommandError {
  return new CommandError('Interrupted. Nothing was stored.', { exitCode: INTERRUPTED })
}

/** Tells what to do with the code: a program on stdout, a person beside it. */
export function announce(terminal: Terminal, json: boolean): (code: DeviceCode) => void | Promise<void> {
  if (!json) return (code) => showCode(code, terminal)
  return ({ deviceCode: _secret, ...code }) => terminal.print(JSON.stringify({ event: 'code', ...code }))
}

async function showCode(code: DeviceCode, { colours, complain }: Terminal): Promise<void> {
  const { renderUnicodeCompact } = await import('uqr')
  const picture = renderUnicodeCompact(code.verificationUriComplete, { border: 2 })
  complain('')
  complain(`  Open   ${code.verificationUri}`)
  complain(`  Code   ${colours ? `\x1b[1m${code.userCode}\x1b[0m` : code.userCode}`)
  complain('')
  // White on black by name: a scanner wants dark squares on a light ground, whatever colours the terminal has.
  complain(picture.replace(/^.*$/gm, colours ? '  \x1b[97;40m$&\x1b[0m' : '  $&'))
  complain('')
  complain(
    '  On any device, sign in to the forge and compare the code. Approve it only if you have started this yourself.',
  )
  complain(`  The code is good for ${Math.round(code.expiresInSeconds / 60)} minutes. Waiting …`)
  complain('')
}
