import { existsSync } from 'node:fs'

import { CLIENTS } from '../../clients/all.ts'
import type { McpClient } from '../../clients/client.ts'
import { DEFAULT_MCP_PATH, mcpServers, mcpUrl, TOKEN_VARIABLE, type McpServer } from '../../clients/mcp-server.ts'
import { EXIT, UsageError, type Command, type Terminal, type Values } from '../../forge/cli/command.ts'
import { whoAmI } from '../ask-forge.ts'
import { CHOICE, CHOICE_HELP, chooseToken } from '../choose-token.ts'
import { CommandError } from '../command-error.ts'
import { createFetch } from '../http.ts'
import { withLock } from '../store/lock.ts'
import { stateFolder } from '../store/places.ts'
import { openTokenStore, type KnownInstance } from '../store/token-store.ts'
import { agreed } from '../tokens-revoke.ts'
import {
  configPath,
  editorFor,
  projectFolder,
  readConfigFile,
  readServers,
  realPath,
  writeConfigFile,
  type Scope,
} from './config-file.ts'
import { differenceOf, paintDifference } from './difference.ts'
import { addressOf, BrokenConfigError, type Addition } from './edit.ts'
import { findInstance } from './find-instance.ts'
import { addIgnoreLine, ignoreLine } from './gitignore.ts'

export const connect: Command = {
  name: 'connect',
  arguments: '<client>',
  help: `Puts an instance into the config file of an MCP client: ${CLIENTS.map(({ id }) => id).join(', ')}.
Shows the difference first, keeps what is there with its comments and order, and never writes the token: the client
finds it in a variable, asks for it, or asks this command. A file that is broken stays as it is.

Options:
  --instance <name>        the instance, by its name or its address
  --path <path>            where its flow serves MCP; otherwise ${DEFAULT_MCP_PATH}
  --scope project|user     the file of this project or yours; otherwise that of the project, if the client reads one
  --yes                    write without asking
  --dry-run                show the difference and write nothing
  --gitignore              keep the file out of the history of the project; it holds no secret, so it may be shared
${CHOICE_HELP}
  --json                   print what was done as JSON
  -h, --help               print this

Exit codes: 0 it is there, 1 you said no or the token does not reach it, 2 trouble, and nothing was written.`,
  options: {
    ...CHOICE,
    instance: { type: 'string' },
    path: { type: 'string' },
    scope: { type: 'string' },
    yes: { type: 'boolean' },
    'dry-run': { type: 'boolean' },
    gitignore: { type: 'boolean' },
  },

  async run(values, terminal, [id, ...others]) {
    const client = CLIENTS.find((known) => known.id === id)
    if (!client || others.length > 0)
      throw new UsageError(`Which client? One of ${CLIENTS.map((known) => known.id).join(', ')}.`)
    const place = placeFor(client, values, terminal)
    const instance = await instanceFrom(values, terminal)

    try {
      return await addServer({ client, instance, ...place }, values, terminal)
    } catch (error) {
      if (!(error instanceof BrokenConfigError)) throw error
      throw new CommandError(`${place.path} ${error.message}. It was left as it is.`)
    }
  },
}

interface Work {
  client: McpClient
  instance: KnownInstance
  path: string
  project: string
}

async function addServer(work: Work, values: Values, terminal: Terminal): Promise<number> {
  const { client, path } = work
  const shown = await planChange(work, values)
  const changed = shown.difference.length > 0
  const json = values['json'] === true
  const dry = values['dry-run'] === true

  if (!json) for (const line of describeChange(path, shown.difference, terminal)) terminal.print(line)
  if (changed && !dry) {
    if (!(await agreed('Write it?', values, terminal))) return EXIT.found
    await withLock(stateFolder(terminal.env), path, () => write(work, shown, values))
  }

  const { server, difference } = shown
  const report = { client: client.id, file: path, server, changed, written: changed && !dry, difference }
  if (json) terminal.print(JSON.stringify(report))
  else if (!dry) terminal.print(nextStep(client))
  if (!dry) await offerIgnoring(work, values, terminal)
  return EXIT.ok
}

interface Plan {
  before: string | null
  after: string
  server: McpServer
  difference: string[]
}

async function planChange(work: Work, values: Values): Promise<Plan> {
  const edit = await editorFor(work.client)
  const before = readConfigFile(work.path)
  const addition = additionTo(work, await readServers(work.client, before ?? ''), values)
  const steps = edit(before ?? '', addition)
  const after = steps.at(-1) ?? ''
  const difference = after === before ? [] : differenceOf(before ?? '', steps)
  return { before, after, server: addition.server, difference }
}

/** What somebody has written meanwhile stays. But nobody has seen that difference, unless nobody wanted to. */
async function write(work: Work, shown: Plan, values: Values): Promise<void> {
  const now = await planChange(work, values)
  if (now.before !== shown.before && values['yes'] !== true) {
    throw new CommandError(`${work.path} was changed meanwhile. Run this again.`)
  }
  writeConfigFile(work.path, now.after)
}

/** A server of the same address keeps its name; a name that means another server is not taken from it. */
function additionTo(
  { client, instance }: Work,
  present: Awaited<ReturnType<typeof readServers>>,
  values: Values,
): Addition {
  const url = mcpUrl(instance.url, typeof values['path'] === 'string' ? values['path'] : DEFAULT_MCP_PATH)
  const same = present.find(({ entry }) => addressOf(entry) === url)
  const names = [...present.map(({ name }) => ({ name, url: '' })), instance]
  const free = mcpServers(names).at(-1)?.name ?? 'instance'
  const server: McpServer = { name: same?.name ?? free, url }
  return { client, server, entry: (client.byCommand ?? client).entry(server) }
}

function placeFor(client: McpClient, values: Values, { env, folder }: Terminal): { path: string; project: string } {
  const scope = values['scope'] ?? (client.projectFile === null ? 'user' : 'project')
  if (scope !== 'project' && scope !== 'user') throw new UsageError('A --scope is project or user.')
  const project = projectFolder(folder, existsSync)
  const path = configPath(client, scope satisfies Scope, { env, project, platform: process.platform })
  if (path !== null) return { path, project }
  throw new CommandError(`${client.name} reads no file of a project. Say --scope user.`)
}

async function instanceFrom(values: Values, terminal: Terminal): Promise<KnownInstance> {
  const wanted = values['instance']
  if (typeof wanted !== 'string') throw new UsageError('Which instance? Say --instance <name>.')
  const store = openTokenStore(terminal.env)
  const token = chooseToken(store.list(), values, terminal)
  const who = await whoAmI(token.forge, await store.textOf(token), await createFetch(terminal.env))

  const instances = who.instances.map(({ name, url }) => ({ name, url }))
  const instance = findInstance(instances, wanted)
  store.update({ ...token, instances })
  return instance
}

function describeChange(path: string, difference: string[], terminal: Terminal): string[] {
  if (difference.length === 0) return [`${path} has it already.`]
  const real = realPath(path)
  return [real === path ? path : `${path}, which leads to ${real}`, ...paintDifference(difference, terminal), '']
}

function nextStep(client: McpClient): string {
  if (client.byCommand) return client.byCommand.secret
  const secret = client.secret
  if (client.prompts) return `${secret}\nTo paste it, copy what \`npx forge-pat header --raw\` prints.`
  return secret.includes(TOKEN_VARIABLE)
    ? `${secret}\nFor example: export ${TOKEN_VARIABLE}="$(npx forge-pat header --raw)"`
    : secret
}

async function offerIgnoring({ path, project }: Work, values: Values, { ask, print }: Terminal): Promise<void> {
  const line = ignoreLine(path, project)
  if (line === null) return
  const wanted =
    values['gitignore'] === true || (values['yes'] !== true && (await ask?.(`Add ${line} to .gitignore?`)) === true)
  if (!wanted) return

  addIgnoreLine(line, project)
  if (values['json'] !== true) print(`Added ${line} to .gitignore.`)
}
