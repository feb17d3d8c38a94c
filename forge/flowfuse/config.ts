import { resolve } from 'node:path'

import { ConfigError, readConfig, type Config, type Environment } from '../host/config.ts'

/** What a forge-pat beside a FlowFuse is told. */
export interface SidecarConfig extends Pick<
  Config,
  | 'host'
  | 'port'
  | 'baseUrl'
  | 'databaseUrl'
  | 'secretKey'
  | 'oldSecretKeys'
  | 'trustProxy'
  | 'logLevel'
  | 'metricsToken'
  | 'drainSeconds'
  | 'settings'
> {
  /** Where this process reaches FlowFuse, without a slash at its end. People reach it at the origin of `baseUrl`. */
  flowfuseUrl: string
  /** FlowFuse's own database: `sqlite:path/to/forge.db` or `postgres://…`. */
  flowfuseDatabaseUrl: string
  /** FlowFuse's id of itself, where its database does not let us read it. */
  flowfuseInstanceId: string | null
}

/** Reads the settings. @throws {ConfigError} */
export function readSidecarConfig(environment: Environment): SidecarConfig {
  const env: Environment = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()))
  const base = env['BASE_URL']
  if (base === undefined || !URL.canParse(base) || new URL(base).pathname === '/') {
    throw new ConfigError(
      'BASE_URL must be the address of FlowFuse with a path of our own, such as https://flowfuse.example.com/pat.',
    )
  }
  const flowfuseDatabaseUrl = readDatabase(env['FLOWFUSE_DATABASE'])
  const config = readConfig({ ...env, DATABASE_URL: env['DATABASE_URL'] ?? 'sqlite:var/forge-pat.db' })
  if (sameDatabase(config.databaseUrl, flowfuseDatabaseUrl)) {
    throw new ConfigError('DATABASE_URL must be a database of our own, not the one of FLOWFUSE_DATABASE.')
  }
  return {
    ...config,
    flowfuseUrl: readUrl(env['FLOWFUSE_URL']),
    flowfuseDatabaseUrl,
    flowfuseInstanceId: env['FLOWFUSE_INSTANCE_ID'] ?? null,
  }
}

function readUrl(text: string | undefined): string {
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : null
  const isPlain = url && !url.username && !url.password && !url.search && !url.hash
  if (isPlain && /^https?:$/.test(url.protocol)) return url.href.replace(/\/+$/, '')
  throw new ConfigError(
    'FLOWFUSE_URL must be the address at which this process reaches FlowFuse, such as http://127.0.0.1:3000.',
  )
}

function readDatabase(text: string | undefined): string {
  if (text !== undefined && /^sqlite:(?!:memory:)./.test(text)) return text
  if (text !== undefined && /^postgres(ql)?:\/\//.test(text) && URL.canParse(text)) return text
  throw new ConfigError(
    'FLOWFUSE_DATABASE must be the database of FlowFuse: sqlite:path/to/forge.db or postgres://user:password@host/database.',
  )
}

function sameDatabase(one: string, other: string): boolean {
  const place = (url: string) => (url.startsWith('sqlite:') ? resolve(url.slice('sqlite:'.length)) : url)
  return place(one) === place(other)
}
