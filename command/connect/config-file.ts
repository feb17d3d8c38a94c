import { readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

import type { McpClient, Platform } from '../../clients/client.ts'
import type { Environment } from '../../forge/host/config-error.ts'
import { CommandError } from '../command-error.ts'
import { homeOf } from '../store/places.ts'
import { writeAtomically } from '../store/atomic-file.ts'
import { BrokenConfigError, serversIn, type Addition, type ConfiguredServer } from './edit.ts'

export type Scope = 'project' | 'user'

/** Config files are some kilobytes; that of Claude Code also keeps its history. */
const SIZE_MAX = 64 * 1024 * 1024

/** Which file a client reads; null where it reads none of that scope. */
export function configPath(
  client: McpClient,
  scope: Scope,
  { env, project, platform }: { env: Environment; project: string; platform: NodeJS.Platform },
): string | null {
  if (scope === 'project') return client.projectFile === null ? null : join(project, client.projectFile)

  const home = homeOf(env)
  const os: Platform = platform === 'darwin' || platform === 'win32' ? platform : 'linux'
  const path = client.userFile[os]
  if (client.id === 'codex' && env['CODEX_HOME']) return join(env['CODEX_HOME'], 'config.toml')
  if (os === 'linux' && env['XDG_CONFIG_HOME']) {
    return path.replace(/^~\/\.config(?=\/)/, env['XDG_CONFIG_HOME']).replace(/^~/, home)
  }
  return path.replace(/^%APPDATA%/, env['APPDATA'] || join(home, 'AppData', 'Roaming')).replace(/^~/, home)
}

/** The folder of the project in which the command was called: the nearest one that git knows, else that itself. */
export function projectFolder(folder: string, exists: (path: string) => boolean): string {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (exists(join(at, '.git'))) return at
    if (dirname(at) === at) return resolve(folder)
  }
}

/** The text of a file; null where there is none. @throws {BrokenConfigError} */
export function readConfigFile(path: string): string | null {
  let bytes: Buffer
  try {
    if (statSync(path).size > SIZE_MAX) throw new BrokenConfigError('is too large for a config file')
    bytes = readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    if (error instanceof CommandError) throw error
    throw new BrokenConfigError(`can't be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new BrokenConfigError('is not text in UTF-8')
  }
}

/** Puts the text into the file. What a link points to is written, so that it stays a link; its mode stays too. */
export function writeConfigFile(path: string, text: string): void {
  const target = realPath(path)
  writeAtomically(target, text, { mode: modeOf(target) ?? 0o644 })
}

/** Where a path leads. A project that was cloned from anywhere may hold links to files outside of it. */
export function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function modeOf(path: string): number | null {
  try {
    return statSync(path).mode & 0o777
  } catch {
    return null
  }
}

/** The servers that a file names. @throws {BrokenConfigError} */
export async function readServers(client: McpClient, text: string): Promise<ConfiguredServer[]> {
  const content =
    client.format === 'json'
      ? (await import('./edit-json.ts')).parseJson(text)
      : (await import('./edit-toml.ts')).parseToml(text)
  return serversIn(content, client)
}

/** How to change the text of a client's file, by steps that can be shown. */
export async function editorFor(client: McpClient): Promise<(before: string, addition: Addition) => string[]> {
  return client.format === 'json'
    ? (await import('./edit-json.ts')).addToJson
    : (await import('./edit-toml.ts')).addToToml
}
