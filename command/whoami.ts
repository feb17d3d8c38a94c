import { EXIT, type Command } from '../forge/cli/command.ts'
import type { WhoAmI } from '../forge/contract/whoami.ts'
import { whoAmI } from './ask-forge.ts'
import { CHOICE, CHOICE_HELP, chooseToken } from './choose-token.ts'
import { createFetch } from './http.ts'
import { openTokenStore } from './store/token-store.ts'
import { plain } from './terminal.ts'

export const whoami: Command = {
  name: 'whoami',
  help: `Asks the forge whose the token is that this machine keeps, and what it is worth where.

Options:
${CHOICE_HELP}
  --json                   print the forge's answer as JSON
  -h, --help               print this

Exit codes: 0 the token is live, 1 the forge refuses it, 2 trouble.`,
  options: CHOICE,

  async run(values, terminal) {
    const store = openTokenStore(terminal.env)
    const token = chooseToken(store.list(), values, terminal)
    const who = await whoAmI(token.forge, await store.textOf(token), await createFetch(terminal.env))

    terminal.print(
      values['json'] === true ? JSON.stringify({ forge: token.forge, ...who }) : describe(who, token.forge),
    )
    return EXIT.ok
  },
}

function describe({ user, token, instances, note }: WhoAmI, forge: string): string {
  const end = token.expiresAt ? `until ${token.expiresAt.slice(0, 10)}` : 'without an end'
  return [
    `${plain(user.name)} (${plain(user.username)}) at ${forge}`,
    `Token "${plain(token.name)}": at most ${token.role}${token.readOnly ? ', read-only' : ''}, ${end}.`,
    ...(instances.length === 0 ? ['It reaches no instance now.'] : []),
    ...instances.map(({ name, url, role, readOnly, reason }) => {
      const worth =
        role === null ? `refused: ${plain(reason ?? 'no reason given')}` : `${role}${readOnly ? ', read-only' : ''}`
      return `  ${plain(name)}  ${url}  ${worth}`
    }),
    ...(note === null ? [] : [plain(note)]),
  ].join('\n')
}
