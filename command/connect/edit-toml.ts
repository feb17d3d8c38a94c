import { isDeepStrictEqual } from 'node:util'

import { parse, TomlError } from 'smol-toml'

import { tomlTable } from '../../clients/client.ts'
import { BrokenConfigError, isRecord, serversIn, type Addition } from './edit.ts'

/** What a TOML file holds. @throws {BrokenConfigError} naming the first fault's place */
export function parseToml(text: string): unknown {
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    // Its message shows the line, which may hold a secret.
    throw new BrokenConfigError(`is not valid TOML: see line ${error.line}, column ${error.column}`)
  }
}

/**
 * The text with the server's table: at its end, or in the place of the table that was there. Whatever stands around it
 * is not touched, and what comes out is read again before it is believed.
 * @throws {BrokenConfigError} when the file can't be changed safely
 */
export function addToToml(before: string, { client, server, entry }: Addition): string[] {
  const content = parseToml(before)
  const isThere = serversIn(content, client).some(({ name }) => name === server.name)
  const eol = before.includes('\r\n') ? '\r\n' : '\n'
  const table = tomlTable(client.serversKey, server.name, entry).replaceAll('\n', eol)

  const after = isThere ? replaceTable(before, [client.serversKey, server.name], table) : append(before, table, eol)
  if (after === null || !comesOut(after, content, { client, server, entry })) {
    throw new BrokenConfigError(
      `has its servers in a form that this command does not change. Put this into it yourself:\n\n${table}`,
    )
  }
  return [after]
}

function append(before: string, table: string, eol: string): string {
  if (before.trim() === '') return table
  return before.replace(/(\r?\n)*$/, eol + eol) + table
}

/** From the table's own line up to the next one's, or to the blanks and comments before that. Null: it has none. */
function replaceTable(before: string, [parent, name]: [string, string], table: string): string | null {
  const lines = before.split(/(?<=\n)/)
  const start = lines.findIndex((line) => isHeading(line, parent, name))
  if (start < 0) return null

  const next = lines.findIndex((line, index) => index > start && /^\s*\[/.test(line))
  let end = next < 0 ? lines.length : next
  while (end > start + 1 && /^\s*(#.*)?$/.test((lines[end - 1] ?? '').trimEnd())) end--
  return [...lines.slice(0, start), table, ...lines.slice(end)].join('')
}

function isHeading(line: string, parent: string, name: string): boolean {
  const quoted = (key: string) => `(?:${key}|"${key}"|'${key}')`
  return new RegExp(`^\\s*\\[\\s*${quoted(parent)}\\s*\\.\\s*${quoted(name)}\\s*\\]\\s*(#.*)?$`).test(line.trimEnd())
}

function comesOut(after: string, content: unknown, { client, server, entry }: Addition): boolean {
  if (!isRecord(content)) return false
  const servers = isRecord(content[client.serversKey]) ? content[client.serversKey] : {}
  const wanted = { ...content, [client.serversKey]: { ...(servers as object), [server.name]: entry } }
  try {
    // Through JSON: the parser's objects have no prototype.
    return isDeepStrictEqual(JSON.parse(JSON.stringify(parse(after))), JSON.parse(JSON.stringify(wanted)))
  } catch {
    return false
  }
}
