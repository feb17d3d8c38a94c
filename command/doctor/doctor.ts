import { EXIT, type Command, type Terminal, type Values } from '../../forge/cli/command.ts'
import { TOKEN_VARIABLE } from '../../clients/mcp-server.ts'
import { CHOICE, CHOICE_HELP, tokensThatFit } from '../choose-token.ts'
import { CommandError } from '../command-error.ts'
import { createFetch } from '../http.ts'
import { openTokenStore, type StoredToken, type TokenStore } from '../store/token-store.ts'
import { paint } from '../terminal.ts'
import { checkClients } from './check-clients.ts'
import { checkForge } from './check-forge.ts'
import { checkServer } from './check-server.ts'
import { checkText } from './check-text.ts'
import { environmentOf, FLOWFUSE_OPTIONS, FLOWFUSE_OPTIONS_HELP } from '../../forge/cli/flowfuse-options.ts'
import { ok, wrong, type Finding } from '../../forge/cli/finding.ts'

export const doctor: Command = {
  name: 'doctor',
  help: `Looks at the tokens that this machine keeps, the variable ${TOKEN_VARIABLE}, the way to the forge (name, proxy, certificate,
clock), the config files of all clients that are here, and whether their servers take the token. Changes nothing.

With --host flowfuse, for operators: looks at what forge-pat beside a FlowFuse needs instead, before or while it runs: its
settings, the database and the rights in it, FlowFuse's answers, the proxy, and the clocks. It takes the options and
variables of forge-pat serve.

Options:
${CHOICE_HELP}
  --json                   print what was found as JSON
  -h, --help               print this

Options with --host flowfuse:
${FLOWFUSE_OPTIONS_HELP}

Exit codes: 0 nothing is wrong, 1 something is, 2 trouble.`,
  options: { ...CHOICE, ...FLOWFUSE_OPTIONS },

  async run(values, terminal) {
    const asOperator = Object.keys(FLOWFUSE_OPTIONS).some((option) => values[option] !== undefined)
    const findings = asOperator ? await examineHost(values, terminal) : await examine(values, terminal)

    if (values['json'] === true) terminal.print(JSON.stringify({ findings }))
    else for (const finding of findings) terminal.print(describe(finding, terminal))
    return findings.some(({ state }) => state === 'wrong') ? EXIT.found : EXIT.ok
  },
}

/** Loaded only here: it brings all that the forge needs of databases. */
async function examineHost(values: Values, { env }: Terminal): Promise<Finding[]> {
  const { examineFlowFuse } = await import('../../forge/cli/doctor/examine-flowfuse.ts')
  return examineFlowFuse(environmentOf(values, env))
}

async function examine(values: Values, terminal: Terminal): Promise<Finding[]> {
  const store = openTokenStore(terminal.env)
  const variable = terminal.env[TOKEN_VARIABLE]
  const findings = [
    ...(variable === undefined ? [] : [checkText(TOKEN_VARIABLE, variable)]),
    ...store.exposed().map((path) => wrong(`Others on this machine may read ${path}.`, `chmod go= "${path}"`)),
  ]

  const [token] = tokensThatFit(store.list(), values, terminal)
  if (!token) {
    const clients = await checkClients([], terminal)
    return [...findings, wrong('No token is kept here.', 'Run forge-pat login --forge <url>.'), ...clients.findings]
  }
  return [...findings, ...(await examineToken(token, store, terminal))]
}

/** Everything that hangs on one token: its forge, the clients, and the servers that they name. */
async function examineToken(token: StoredToken, store: TokenStore, terminal: Terminal): Promise<Finding[]> {
  const text = await textOf(token, store)
  if (typeof text !== 'string') return [text]

  const fetch = await createFetch(terminal.env)
  const { findings, answer } = await checkForge(token, { text, fetch, env: terminal.env, now: Date.now() })
  const instances = answer?.state === 'live' ? answer.who.instances : token.instances
  const clients = await checkClients(instances, terminal)
  const servers = answer?.state === 'live' ? [...new Set(clients.connected.map(({ url }) => url))] : []
  const none = clients.connected.length === 0 ? [ok('No client here points to an instance of the token yet.')] : []
  return [
    ...findings,
    ...clients.findings,
    ...none,
    ...(await Promise.all(servers.map((url) => checkServer(url, text, fetch)))),
  ]
}

async function textOf(token: StoredToken, store: TokenStore): Promise<string | Finding> {
  try {
    return await store.textOf(token)
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    return wrong(error.message, 'Run forge-pat login to get another one.')
  }
}

function describe({ state, says, todo }: Finding, terminal: Terminal): string {
  const marks = {
    ok: paint(terminal, 'green', 'ok   '),
    hint: paint(terminal, 'yellow', 'hint '),
    wrong: paint(terminal, 'red', 'wrong'),
  }
  return `${marks[state]}  ${says}${todo === undefined ? '' : `\n       ${todo}`}`
}
