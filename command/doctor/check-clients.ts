import { existsSync } from 'node:fs'

import { CLIENTS } from '../../clients/all.ts'
import type { McpClient } from '../../clients/client.ts'
import { TOKEN_VARIABLE } from '../../clients/mcp-server.ts'
import type { Terminal } from '../../forge/cli/command.ts'
import { configPath, projectFolder, readConfigFile, readServers } from '../connect/config-file.ts'
import { addressOf, BrokenConfigError, type ConfiguredServer } from '../connect/edit.ts'
import type { KnownInstance } from '../store/token-store.ts'
import { plain } from '../terminal.ts'
import { isWithin } from '../token-for.ts'
import { checkText } from './check-text.ts'
import { hint, ok, wrong, type Finding } from '../../forge/cli/finding.ts'

/** A server in a client's file that belongs to an instance of the token. */
export interface Connected {
  client: McpClient
  path: string
  server: ConfiguredServer
  url: string
}

/** Every config file of every client that is there: which servers of ours it names, and what is wrong with them. */
export async function checkClients(
  instances: readonly KnownInstance[],
  { env, folder }: Terminal,
): Promise<{ findings: Finding[]; connected: Connected[] }> {
  const findings: Finding[] = []
  const connected: Connected[] = []
  const project = projectFolder(folder, existsSync)
  for (const client of CLIENTS) {
    for (const scope of ['project', 'user'] as const) {
      const path = configPath(client, scope, { env, project, platform: process.platform })
      const servers = path === null ? [] : await serversOf(client, path, findings)
      for (const server of servers) {
        const one = { client, path: path ?? '', server, url: addressOf(server.entry) ?? '' }
        findings.push(...judge(one, instances, env))
        if (instances.some(({ url }) => isWithin(one.url, url))) connected.push(one)
      }
    }
  }
  return { findings, connected }
}

async function serversOf(client: McpClient, path: string, findings: Finding[]): Promise<ConfiguredServer[]> {
  try {
    const text = readConfigFile(path)
    return text === null ? [] : await readServers(client, text)
  } catch (error) {
    if (!(error instanceof BrokenConfigError)) throw error
    findings.push(wrong(`${path} ${error.message}.`, `${client.name} can't use it. Mend it by hand.`))
    return []
  }
}

/** Servers of others are none of our business, unless a token of ours is in there. */
function judge(connected: Connected, instances: readonly KnownInstance[], env: Terminal['env']): Finding[] {
  const { client, path, server, url } = connected
  const entry: Entry = {
    ...connected,
    text: JSON.stringify(server.entry),
    where: `${client.name}, ${path}, server "${plain(server.name)}"`,
  }
  const ours = instances.find((instance) => isWithin(url, instance.url))
  const findings = ours
    ? [ok(`${entry.where} points to ${plain(ours.name)}.`), holdsToken(entry), badHeader(entry), noVariable(entry, env)]
    : [holdsToken(entry), reachesOther(entry)]
  return findings.filter((finding) => finding !== null)
}

interface Entry extends Connected {
  /** All of it as JSON. */
  text: string
  where: string
}

function holdsToken({ client, text, where }: Entry): Finding | null {
  if (!/ffpat_[0-9A-Za-z]{12}/.test(text)) return null
  return wrong(
    `${where}: the token itself is in the file.`,
    `Refer to it: forge-pat connect ${client.id} writes how. Then replace the token, as others may have read it.`,
  )
}

function reachesOther({ url, text, where }: Entry): Finding | null {
  if (!/forge-pat|FORGE_TOKEN|forge-token/.test(text)) return null
  return wrong(
    `${where}: the token does not reach ${url || 'the server'}.`,
    `Is it the right instance? forge-pat whoami lists those that it reaches; forge-pat login gets another token.`,
  )
}

function badHeader({ server, where }: Entry): Finding | null {
  const placeholder = authorizationIn(server.entry)
  if (placeholder === null || isReference(placeholder)) return null

  const finding = checkText(`${where}: the header`, placeholder)
  return finding.state === 'wrong' ? finding : null
}

function noVariable({ client, text, where }: Entry, env: Terminal['env']): Finding | null {
  if (!text.includes(TOKEN_VARIABLE) || env[TOKEN_VARIABLE]) return null
  return hint(
    `${where}: ${TOKEN_VARIABLE} is not set here.`,
    `Start ${client.name} where it is: export ${TOKEN_VARIABLE}="$(npx forge-pat header --raw)"`,
  )
}

/** What stands behind `Bearer` in the header of an entry. */
function authorizationIn({ headers }: Record<string, unknown>): string | null {
  if (typeof headers !== 'object' || headers === null) return null
  const [, value] = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization') ?? []
  return typeof value === 'string' ? value.replace(/^Bearer\s+/i, '') : null
}

const isReference = (text: string) => /^\$\{[\w:.-]+\}$|^\$\w+$/.test(text) && /FORGE_TOKEN|input:/.test(text)
