import { UsageError, type Terminal, type Values } from '../forge/cli/command.ts'
import { CommandError } from './command-error.ts'
import { readForgeUrl } from './discovery.ts'
import type { StoredToken } from './store/token-store.ts'

/** The options by which a person says which token they mean. */
export const CHOICE = { forge: { type: 'string' }, name: { type: 'string' } } as const

export const CHOICE_HELP = `  --forge <url>            a token of this forge (or FORGE_URL); otherwise the newest one of any
  --name <name>            the token of this name`

/** The newest of the tokens that fit. @throws {CommandError} when there is none */
export function chooseToken(tokens: readonly StoredToken[], values: Values, terminal: Terminal): StoredToken {
  const fitting = tokensThatFit(tokens, values, terminal)
  if (fitting[0]) return fitting[0]
  if (tokens.length === 0) throw new CommandError('No token is kept here yet. Run forge-pat login --forge <url> first.')
  throw new CommandError('None of the tokens that are kept here fits. See forge-pat tokens list.')
}

export function tokensThatFit(tokens: readonly StoredToken[], values: Values, { env }: Terminal): StoredToken[] {
  const forge = forgeFrom(values, env)
  const name = values['name']
  if (typeof name === 'string') refuseSecret(name)
  return tokens.filter(
    (token) =>
      (forge === null || token.forge === forge) &&
      (typeof name !== 'string' || token.name === name || token.selector === name),
  )
}

/** The forge that the person names; null when they name none. */
export function forgeFrom(values: Values, env: Terminal['env']): string | null {
  const named = typeof values['forge'] === 'string' ? values['forge'] : env['FORGE_URL']
  return named ? readForgeUrl(named) : null
}

/** What is typed is kept in the history of the shell, and shown to everybody on the machine. */
export function refuseSecret(word: string): void {
  if (!/^\W*(ffpat|fft)_/.test(word)) return
  throw new UsageError(
    'Never type a token. Say its name; forge-pat tokens list shows it. Revoke the one that you typed.',
  )
}
