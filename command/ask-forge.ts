import type { WhoAmI } from '../forge/contract/whoami.ts'
import { EXIT } from '../forge/cli/command.ts'
import { CommandError } from './command-error.ts'
import type { Fetch } from './http.ts'
import { plain } from './terminal.ts'

export type Answer =
  | { state: 'live'; who: WhoAmI; skewSeconds: number | null }
  /** `advice` is what the forge says about it (RFC 6750). */
  | { state: 'refused'; advice: string; skewSeconds: number | null }

/** Asks the forge what a token is. @throws {CommandError} when it gives no answer to that */
export async function askWhoAmI(forge: string, text: string, fetch: Fetch): Promise<Answer> {
  const response = await fetch(`${forge}/api/v1/whoami`, {
    headers: { authorization: `Bearer ${text}`, accept: 'application/json' },
  })
  const skewSeconds = skewOf(response.headers.get('date'), Date.now())
  if (response.status === 401 || response.status === 403) {
    return { state: 'refused', advice: await adviceIn(response), skewSeconds }
  }
  if (!response.ok) throw new CommandError(`The forge at ${forge} answered ${describeStatus(response)}.`)
  return { state: 'live', who: (await response.json()) as WhoAmI, skewSeconds }
}

/** The same, for those who can do nothing with a refusal. */
export async function whoAmI(forge: string, text: string, fetch: Fetch): Promise<WhoAmI> {
  const answer = await askWhoAmI(forge, text, fetch)
  if (answer.state === 'live') return answer.who
  throw new CommandError(`The forge refuses the token: ${answer.advice} Run forge-pat login to get another one.`, {
    exitCode: EXIT.found,
  })
}

/** What a refusal says for people, in its challenge or its body. */
export async function adviceIn(response: Response): Promise<string> {
  const challenge = /error_description="([^"]*)"/.exec(response.headers.get('www-authenticate') ?? '')?.[1]
  if (challenge !== undefined) return oneSentence(challenge)
  const body = (await response.json().catch(() => null)) as { error?: unknown; error_description?: unknown } | null
  const said = body?.error_description ?? body?.error
  return typeof said === 'string' ? oneSentence(said) : 'It is expired, revoked or unknown.'
}

/** By how many seconds the clock here is ahead. */
function skewOf(date: string | null, now: number): number | null {
  const there = Date.parse(date ?? '')
  return Number.isNaN(there) ? null : Math.round((now - there) / 1000)
}

export function describeStatus({ status, headers }: Response): string {
  const location = headers.get('location')
  return status >= 300 && status < 400 && location !== null
    ? `${status}: it leads to another address, ${plain(location).slice(0, 200)}`
    : String(status)
}

function oneSentence(text: string): string {
  const said = plain(text).slice(0, 300)
  return /[.!?]$/.test(said) ? said : `${said}.`
}
