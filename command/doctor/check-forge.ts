import { askWhoAmI, type Answer } from '../ask-forge.ts'
import { CommandError } from '../command-error.ts'
import { proxyFor, type Fetch } from '../http.ts'
import type { StoredToken } from '../store/token-store.ts'
import { plain } from '../terminal.ts'
import type { Environment } from '../../forge/host/config-error.ts'
import { checkText } from './check-text.ts'
import { hint, ok, wrong, type Finding } from '../../forge/cli/finding.ts'

/** More than this, and ends that are near are judged differently on the two sides. */
const SKEW_MAX_SECONDS = 60
const SOON_DAYS = 7
const DAY_MS = 86_400_000

export interface Checked {
  findings: Finding[]
  answer: Answer | null
}

/** The way to a token's forge, and what that says of the token. @param now epoch ms */
export async function checkForge(
  token: StoredToken,
  { text, fetch, env, now }: { text: string; fetch: Fetch; env: Environment; now: number },
): Promise<Checked> {
  const proxy = proxyFor(token.forge, env)
  const findings = [
    checkText(`The token "${plain(token.name)}"`, text),
    ...(proxy === null ? [] : [ok(`The proxy ${proxy} stands before ${token.forge}, unless NO_PROXY names it.`)]),
  ]
  try {
    const answer = await askWhoAmI(token.forge, text, fetch)
    return { answer, findings: [...findings, ok(`The forge answers at ${token.forge}.`), ...judge(token, answer, now)] }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    return {
      answer: null,
      findings: [...findings, wrong(`The forge can't be asked. ${error.message}`, 'Mend the way to it first.')],
    }
  }
}

function judge({ name, expiresAt }: StoredToken, answer: Answer, now: number): Finding[] {
  const skew = answer.skewSeconds ?? 0
  const clock =
    Math.abs(skew) <= SKEW_MAX_SECONDS
      ? ok('The clock here agrees with that of the forge.')
      : wrong(
          `The clock here is ${Math.abs(skew)} seconds ${skew > 0 ? 'ahead of' : 'behind'} that of the forge.`,
          'Set it: ends of tokens and certificates are judged by it.',
        )
  if (answer.state === 'refused') {
    return [
      clock,
      wrong(
        `The forge refuses the token "${plain(name)}": ${answer.advice}`,
        'Run forge-pat login to get another one.',
      ),
    ]
  }

  const days = expiresAt === null ? Infinity : (Date.parse(expiresAt) - now) / DAY_MS
  const end =
    days < SOON_DAYS
      ? hint(
          `The token "${plain(name)}" ends on ${expiresAt?.slice(0, 10)}.`,
          `forge-pat tokens rotate "${plain(name)}" replaces it.`,
        )
      : ok(`The token "${plain(name)}" is live.`)
  return [clock, end, ...reach(answer)]
}

function reach({ who }: Extract<Answer, { state: 'live' }>): Finding[] {
  return who.instances
    .filter(({ allowed }) => !allowed)
    .map(({ name, reason }) =>
      hint(
        `The token is refused at ${plain(name)}: ${plain(reason ?? 'the forge does not say why.')}`,
        'The page Access tokens explains it under Explain.',
      ),
    )
}
