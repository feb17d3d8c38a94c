import { EXIT, UsageError, type Command } from '../forge/cli/command.ts'
import { CHOICE, CHOICE_HELP, chooseToken, tokensThatFit } from './choose-token.ts'
import { createFetch } from './http.ts'
import { openTokenStore } from './store/token-store.ts'
import { tokenTextFor } from './token-for.ts'

/** How Claude Code tells a `headersHelper` for which server it asks. */
const ASKED_FOR = 'CLAUDE_CODE_MCP_SERVER_URL'

export const header: Command = {
  name: 'header',
  help: `Prints {"Authorization":"Bearer …"} for an MCP server, as the headersHelper of Claude Code wants it. The server has to
belong to an instance that the token reaches: a config file in a project that you cloned can't send it elsewhere.

Options:
  --url <url>              the server; Claude Code says it in ${ASKED_FOR}, which comes first
  --raw                    print the token alone, for a variable or a prompt, as in
                             export FORGE_TOKEN="$(npx forge-pat header --raw)"
${CHOICE_HELP}
  -h, --help               print this

This command prints the secret: don't call it where its output is logged.

Exit codes: 0 printed, 1 no token reaches the server, 2 trouble.`,
  options: { ...CHOICE, url: { type: 'string' }, raw: { type: 'boolean' } },

  async run(values, terminal) {
    const store = openTokenStore(terminal.env)
    const server = terminal.env[ASKED_FOR] ?? values['url']

    if (values['raw'] === true) {
      terminal.print(await store.textOf(chooseToken(store.list(), values, terminal)))
      return EXIT.ok
    }
    if (typeof server !== 'string') throw new UsageError(`For which server? Neither ${ASKED_FOR} nor --url says it.`)

    chooseToken(store.list(), values, terminal)
    const tokens = tokensThatFit(store.list(), values, terminal)
    const text = await tokenTextFor(server, tokens, { store, fetch: () => createFetch(terminal.env) })
    terminal.print(JSON.stringify({ Authorization: `Bearer ${text}` }))
    return EXIT.ok
  },
}
