import { EXIT, UsageError, type Command, type Terminal, type Values } from '../forge/cli/command.ts'
import { CHOICE, chooseToken, refuseSecret, tokensThatFit } from './choose-token.ts'
import { CommandError } from './command-error.ts'
import { revokeToken } from './device-grant.ts'
import { discover } from './discovery.ts'
import { createFetch } from './http.ts'
import { openTokenStore, type StoredToken } from './store/token-store.ts'
import { plain } from './terminal.ts'

export const tokensRevoke: Command = {
  name: 'tokens revoke',
  arguments: '<name>',
  help: `Ends a token that this machine keeps, at the forge and here (RFC 7009). It can't be undone. Others you end on the page
Access tokens: a token can't manage tokens.

Options:
  --forge <url>            where tokens of two forges have the same name
  --yes                    don't ask
  --json                   print what was done as JSON
  -h, --help               print this

Exit codes: 0 it is ended, 1 you said no, 2 trouble: it may still be live, and is still kept.`,
  options: { forge: CHOICE.forge, yes: { type: 'boolean' } },

  async run(values, terminal, words) {
    const store = openTokenStore(terminal.env)
    const token = nameOne(store.list(), { values, words, terminal })
    if (!(await agreed(`End the token "${plain(token.name)}" at ${token.forge}?`, values, terminal))) return EXIT.found

    const fetch = await createFetch(terminal.env)
    await revokeToken(await discover(token.forge, fetch), await store.textOf(token), fetch)
    await store.remove(token)
    terminal.print(
      values['json'] === true
        ? JSON.stringify({ revoked: token.name, forge: token.forge })
        : `The token "${plain(token.name)}" is ended, and no longer kept here.`,
    )
    return EXIT.ok
  },
}

/** The one token that the person names. @throws {CommandError} when two have the name */
export function nameOne(
  tokens: readonly StoredToken[],
  { values, words, terminal }: { values: Values; words: string[]; terminal: Terminal },
): StoredToken {
  const [name, ...others] = words
  if (name === undefined || others.length > 0)
    throw new UsageError('Which token? Say its name; forge-pat tokens list shows it.')
  refuseSecret(name)

  const wanted = { ...values, name }
  const token = chooseToken(tokens, wanted, terminal)
  const same = tokensThatFit(tokens, wanted, terminal)
  if (same.length === 1) return token
  throw new CommandError(
    `${same.length} tokens are called "${plain(name)}". Say one of these instead: ${same.map(({ selector }) => selector).join(', ')}.`,
  )
}

/** @throws {CommandError} where nobody can be asked */
export async function agreed(question: string, values: Values, { ask }: Terminal): Promise<boolean> {
  if (values['yes'] === true) return true
  if (ask) return ask(question)
  throw new CommandError('There is nobody to ask here. Say --yes if you mean it.')
}
