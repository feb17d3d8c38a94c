import { EXIT, type Command } from '../forge/cli/command.ts'
import { CHOICE } from './choose-token.ts'
import { revokeToken } from './device-grant.ts'
import { discover } from './discovery.ts'
import { createFetch } from './http.ts'
import { describe } from './login.ts'
import { announce, signIn } from './sign-in.ts'
import { openTokenStore } from './store/token-store.ts'
import { nameOne } from './tokens-revoke.ts'

export const tokensRotate: Command = {
  name: 'tokens rotate',
  arguments: '<name>',
  help: `Signs in anew with the wishes of a token that this machine keeps, and ends the old one once the new one is stored. You
approve it in the browser as with forge-pat login: a token can't make or change tokens.

Options:
  --forge <url>            where tokens of two forges have the same name
  --json                   print what happens as JSON, one object a line
  -h, --help               print this

Exit codes: 0 replaced, 1 it was denied or the code expired (the old one stays), 2 trouble, 130 interrupted.`,
  options: { forge: CHOICE.forge },

  async run(values, terminal, words) {
    const store = openTokenStore(terminal.env)
    const old = nameOne(store.list(), { values, words, terminal })
    const fetch = await createFetch(terminal.env)
    const endpoints = await discover(old.forge, fetch)

    const json = values['json'] === true
    const signedIn = await signIn({ endpoints, wishes: old.wishes, fetch, store }, announce(terminal, json))
    await revokeToken(endpoints, await store.textOf(old), fetch)
    await store.remove(old)

    const { token } = signedIn.who
    terminal.print(json ? JSON.stringify({ event: 'replaced', old: old.name, token }) : describe(signedIn))
    if (!json) terminal.print(`The token "${old.name}" before it is ended.`)
    return EXIT.ok
  },
}
