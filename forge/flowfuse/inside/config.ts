import { join } from 'node:path'

import { ConfigError, readConfig, type Config, type Environment } from '../../host/config.ts'
import type { FlowFuseApp } from './host.ts'

/** What a forge-pat inside a FlowFuse is told, by FlowFuse's own configuration and by variables of FlowFuse's process. */
export type InsideConfig = Pick<
  Config,
  'baseUrl' | 'databaseUrl' | 'secretKey' | 'oldSecretKeys' | 'trustProxy' | 'logLevel' | 'metricsToken' | 'settings'
>

/**
 * Variables with common names are FlowFuse's there (`PORT`, `HOST`) or may be another program's (`DATABASE_URL`).
 * @throws {ConfigError}
 */
export function readInsideConfig(environment: Environment, { config }: Pick<FlowFuseApp, 'config'>): InsideConfig {
  const { FORGE_PAT_PATH, FORGE_PAT_DATABASE, FORGE_PAT_MENU = '', ...env } = environment
  if (!['', 'true', 'false'].includes(FORGE_PAT_MENU)) throw new ConfigError('FORGE_PAT_MENU must be true or false.')

  const baseUrl = config.base_url.replace(/\/+$/, '') + readPath(FORGE_PAT_PATH?.trim() || '/pat')
  const databaseUrl = readDatabase(FORGE_PAT_DATABASE?.trim(), config)
  return readConfig({ ...env, HOST: undefined, PORT: undefined, BASE_URL: baseUrl, DATABASE_URL: databaseUrl })
}

function readPath(path: string): string {
  if (/^(?:\/[\w.~-]+)+$/.test(path)) return path
  throw new ConfigError('FORGE_PAT_PATH must be a path of our own at the address of FlowFuse, such as /pat.')
}

function readDatabase(url: string | undefined, { home, db }: FlowFuseApp['config']): string {
  if (url !== undefined && /^(?:sqlite:(?!:memory:).|postgres(?:ql)?:\/\/)/.test(url)) return url
  // Several FlowFuses on one PostgreSQL would each have a file of their own.
  if (!url && (db.type ?? 'sqlite') === 'sqlite') return `sqlite:${join(home, 'var', 'forge-pat.db')}`
  throw new ConfigError(
    'FORGE_PAT_DATABASE must be a database of our own: postgres://user:password@host/database or sqlite:path/to/file.db.',
  )
}
