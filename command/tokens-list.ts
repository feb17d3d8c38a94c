import { EXIT, type Command, type Terminal } from '../forge/cli/command.ts'
import { askWhoAmI } from './ask-forge.ts'
import { CHOICE, CHOICE_HELP, tokensThatFit } from './choose-token.ts'
import { createFetch, type Fetch } from './http.ts'
import { openTokenStore, type StoredToken, type TokenStore } from './store/token-store.ts'
import { paint, plain } from './terminal.ts'

type State = { state: 'live' | 'refused' | 'unknown'; advice: string | null }

export const tokensList: Command = {
  name: 'tokens list',
  help: `Lists the tokens that this machine keeps, newest first, and asks their forges whether they are live. A token can't
manage tokens: those that you made on the page Access tokens, or on other machines, are there and not here.

Options:
${CHOICE_HELP}
  --json                   print the list as JSON
  -h, --help               print this

Exit codes: 0 listed, 2 trouble.`,
  options: CHOICE,

  async run(values, terminal) {
    const store = openTokenStore(terminal.env)
    const fetch = await createFetch(terminal.env)
    const tokens = tokensThatFit(store.list(), values, terminal)
    const states = await Promise.all(tokens.map((token) => stateOf(token, store, fetch)))

    const listed = tokens.map((token, index) => ({ ...publicPart(token), ...(states[index] ?? UNKNOWN) }))
    if (values['json'] === true) terminal.print(JSON.stringify({ tokens: listed }))
    else if (listed.length === 0) terminal.print('No token is kept here. forge-pat login gets one.')
    else for (const token of listed) terminal.print(describe(token, terminal))
    return EXIT.ok
  },
}

const UNKNOWN: State = { state: 'unknown', advice: null }

async function stateOf(token: StoredToken, store: TokenStore, fetch: Fetch): Promise<State> {
  try {
    const answer = await askWhoAmI(token.forge, await store.textOf(token), fetch)
    return answer.state === 'live' ? { state: 'live', advice: null } : { state: 'refused', advice: answer.advice }
  } catch (error) {
    return { state: 'unknown', advice: error instanceof Error ? error.message : String(error) }
  }
}

function publicPart({ selector, name, forge, username, expiresAt, instances, text }: StoredToken) {
  const kept = text === null ? 'keychain' : 'file'
  return { selector, name, forge, username, expiresAt, instances, kept }
}

function describe(token: ReturnType<typeof publicPart> & State, terminal: Terminal): string {
  const colour = { live: 'green', refused: 'red', unknown: 'yellow' } as const
  const end = token.expiresAt ? `until ${token.expiresAt.slice(0, 10)}` : 'without an end'
  const first = `${plain(token.name)}  ${paint(terminal, colour[token.state], token.state)}  ${plain(token.username)} at ${token.forge}, ${end}`
  return token.advice === null ? first : `${first}\n  ${token.advice}`
}
