import type { Exchange } from './exchange.ts'
import { createLimit, type Limit, type Quota } from './limit.ts'

/** What is limited unless the forge says otherwise. Generous to people and instances, not to loops and guesses. */
export const DEFAULT_QUOTAS = {
  /** Minting and rotating, per person. */
  mint: { max: 100, windowSeconds: 3_600 },
  /** Changing tokens, per person: each writes into the log of every team that the token reaches. */
  edit: { max: 100, windowSeconds: 3_600 },
  /** Refused presentations, per selector. An instance remembers a refusal for 2 s, so a looping client makes 30. */
  failedSelector: { max: 60, windowSeconds: 60 },
  /** Refused presentations per instance, and wrong instance credentials per address. */
  failedCaller: { max: 1_000, windowSeconds: 60 },
  /** Introspection, per instance; an instance remembers answers for some seconds. */
  introspection: { max: 30_000, windowSeconds: 60 },
  /** What instances report of themselves, and ask for, per instance. A set of tools may be 2 MiB. */
  toolReport: { max: 60, windowSeconds: 60 },
  instance: { max: 600, windowSeconds: 60 },
  /** Streams of events opened, per instance; it comes back after seconds, and may run several processes. */
  instanceEvents: { max: 120, windowSeconds: 60 },
  /** Confirmations that revoked tokens are forgotten, per instance, which gathers them. */
  confirmations: { max: 600, windowSeconds: 60 },
  /** Leak reports, per address. */
  leakReport: { max: 20, windowSeconds: 60 },
  /** Questions of tokens about themselves, per address. */
  whoami: { max: 120, windowSeconds: 60 },
  /** Programs that ask to be let in, per address: each leaves a row behind. */
  deviceRequest: { max: 30, windowSeconds: 60 },
  /** Programs that ask for their token or give one back, per address; a whole office may be behind one. */
  oauthClient: { max: 600, windowSeconds: 60 },
  /** Exchanges, per instance; an instance keeps what it got until shortly before its end. */
  exchange: { max: 600, windowSeconds: 60 },
} satisfies Record<string, Quota>

export type LimitName = keyof typeof DEFAULT_QUOTAS

/** Another quota for what is named; null for no limit. */
export type LimitOptions = Partial<Record<LimitName, Quota | null>>

/** Null where there is no limit. */
export type Limits = Record<LimitName, Limit | null>

/** @param exchange what lets them hold for several forges together */
export function createLimits(options: LimitOptions = {}, exchange: Exchange | null = null): Limits {
  const quotas: Record<LimitName, Quota | null> = { ...DEFAULT_QUOTAS, ...options }
  const limitOf = (name: LimitName, label: string) => quotas[name] && createLimit(label, quotas[name], { exchange })

  return {
    mint: limitOf('mint', 'mint'),
    edit: limitOf('edit', 'edit'),
    failedSelector: limitOf('failedSelector', 'failed-selector'),
    failedCaller: limitOf('failedCaller', 'failed-caller'),
    introspection: limitOf('introspection', 'introspection'),
    toolReport: limitOf('toolReport', 'tool-report'),
    instance: limitOf('instance', 'instance'),
    instanceEvents: limitOf('instanceEvents', 'instance-events'),
    confirmations: limitOf('confirmations', 'confirmations'),
    leakReport: limitOf('leakReport', 'leak-report'),
    whoami: limitOf('whoami', 'whoami'),
    deviceRequest: limitOf('deviceRequest', 'device-request'),
    oauthClient: limitOf('oauthClient', 'oauth-client'),
    exchange: limitOf('exchange', 'exchange'),
  }
}
