import { isIP } from 'node:net'

import type { TSchema } from '@sinclair/typebox'

import { EmailSchema, PasswordSchema, UsernameSchema } from '../contract/host.ts'
import { sentenceFor, strictValidator } from '../errors/validation.ts'
import type { ForgePatSettings } from '../index.ts'
import { createSecretKeys } from '../keys.ts'
import { ConfigError, type Environment } from './config-error.ts'
import { readModuleSettings } from './module-settings.ts'
import { readTracing, type TracingSettings } from './tracing/settings.ts'

export { ConfigError, type Environment } from './config-error.ts'

export interface Config {
  host: string
  port: number
  /** The address at which people and instances use the forge: an origin and the mount path, no slash at its end. */
  baseUrl: string
  /** `sqlite:path/to/file` or `postgres://…` */
  databaseUrl: string
  /** 32 bytes in base64; null lets the forge keep a key of its own beside its SQLite file. */
  secretKey: string | null
  /** Keys before it, under which what was made with them is still recognised. */
  oldSecretKeys: string[]
  /** Who becomes the first user, when there is none. */
  firstAdmin: { username: string; password: string; email: string } | null
  /** Which proxies are believed about the caller's address, as Fastify's `trustProxy` takes it. */
  trustProxy: boolean | string[]
  logLevel: LogLevel
  /** For how long a forge that is told to stop goes on serving, so that balancers find out first. */
  drainSeconds: number
  /** Who has it may read the metrics; null serves none. */
  metricsToken: string | null
  /** Where traces go; null sends none. */
  tracing: TracingSettings | null
  /** JSON with the identity providers that are configured in no other way; null without one. */
  ssoProvidersFile: string | null
  /** What the module does otherwise than by itself. */
  settings: ForgePatSettings
}

export type LogLevel = (typeof LOG_LEVELS)[number]
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** Reads the settings. @throws {ConfigError} */
export function readConfig(environment: Environment): Config {
  // An empty variable is what a shell or a compose file leaves of an unset one.
  const env: Environment = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()))

  const host = env['HOST'] ?? '127.0.0.1'
  const port = readPort(env['PORT'] ?? '3000')
  const databaseUrl = readDatabaseUrl(env['DATABASE_URL'] ?? 'sqlite:var/forge.db')
  return {
    host,
    port,
    baseUrl: readBaseUrl(env['BASE_URL'] ?? defaultBaseUrl(host, port)),
    databaseUrl,
    secretKey: readSecretKey(env['FORGE_SECRET_KEY'], databaseUrl),
    oldSecretKeys: readOldSecretKeys(env['FORGE_SECRET_KEYS_OLD'] ?? ''),
    firstAdmin: readFirstAdmin(env),
    trustProxy: readTrustProxy(env['TRUST_PROXY'] ?? 'false'),
    logLevel: readLogLevel(env['LOG_LEVEL'] ?? 'info'),
    drainSeconds: readDrainSeconds(env['DRAIN_SECONDS'] ?? '0'),
    metricsToken: readMetricsToken(env['METRICS_TOKEN']),
    tracing: readTracing(env),
    ssoProvidersFile: env['SSO_PROVIDERS_FILE'] ?? null,
    settings: readModuleSettings(env),
  }
}

function readPort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port
  throw new ConfigError('PORT must be a number from 1 to 65535.')
}

function readDrainSeconds(text: string): number {
  const seconds = Number(text)
  if (/^\d+$/.test(text) && seconds <= 300) return seconds
  throw new ConfigError('DRAIN_SECONDS must be a number from 0 to 300.')
}

function defaultBaseUrl(host: string, port: number): string {
  const everywhere = host === '0.0.0.0' || host === '::'
  const name = everywhere ? 'localhost' : isIP(host) === 6 ? `[${host}]` : host
  return `http://${name}:${port}`
}

function readBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  const web = url?.protocol === 'https:' || url?.protocol === 'http:'
  const plain = url && !url.username && !url.password && !url.search && !url.hash
  // A colon or a star would be a pattern to the router.
  const path = url?.pathname.replace(/\/+$/, '') ?? ''
  if (web && plain && /^(\/[\w.~-]+)*$/.test(path)) return url.origin + path

  throw new ConfigError(
    'BASE_URL must be the http or https address of this forge, such as https://forge.example.com or https://example.com/pat.',
  )
}

function readDatabaseUrl(text: string): string {
  if (/^sqlite:(?!:memory:)./.test(text)) return text
  if (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)) return text
  throw new ConfigError('DATABASE_URL must be sqlite:path/to/file.db or postgres://user:password@host/database.')
}

function readSecretKey(text: string | undefined, databaseUrl: string): string | null {
  if (text === undefined) {
    if (databaseUrl.startsWith('sqlite:')) return null
    throw new ConfigError(`FORGE_SECRET_KEY is missing: PostgreSQL needs one; make it with ${MAKE_KEY}.`)
  }

  if (isSecretKey(text)) return text
  throw new ConfigError(`FORGE_SECRET_KEY must be 32 bytes in base64; make one with ${MAKE_KEY}.`)
}

function readOldSecretKeys(text: string): string[] {
  const keys = text
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '')
  if (keys.every(isSecretKey)) return keys
  throw new ConfigError('FORGE_SECRET_KEYS_OLD must hold keys of 32 bytes in base64, separated by commas.')
}

function isSecretKey(text: string): boolean {
  try {
    createSecretKeys(text)
    return true
  } catch {
    return false
  }
}

const MAKE_KEY = '`openssl rand -base64 32`'

function readFirstAdmin(env: Environment): Config['firstAdmin'] {
  const names = ['FORGE_ADMIN_USERNAME', 'FORGE_ADMIN_PASSWORD', 'FORGE_ADMIN_EMAIL'] as const
  if (names.every((name) => env[name] === undefined)) return null

  const read = (name: (typeof names)[number], schema: TSchema) => {
    const value = env[name]
    if (value === undefined) throw new ConfigError(`${name} is missing: the three FORGE_ADMIN_… variables go together.`)
    const problem = problemWith(schema, value)
    if (problem) throw new ConfigError(problem.replace('The body', name))
    return value
  }
  return {
    username: read('FORGE_ADMIN_USERNAME', UsernameSchema),
    password: read('FORGE_ADMIN_PASSWORD', PasswordSchema),
    email: read('FORGE_ADMIN_EMAIL', EmailSchema),
  }
}

/** What the API would say about a field with this value, or null. */
function problemWith(schema: TSchema, value: string): string | null {
  const check = strictValidator({ schema, method: '', url: '', httpPart: 'body' })
  return check(value) === true
    ? null
    : sentenceFor((check as { errors?: Parameters<typeof sentenceFor>[0] }).errors ?? [])
}

/** The names that Fastify's proxy-addr knows for private networks. */
const NETWORKS = ['loopback', 'linklocal', 'uniquelocal']

function readTrustProxy(text: string): Config['trustProxy'] {
  if (text === 'true' || text === 'false') return text === 'true'

  const networks = text.split(',').map((part) => part.trim())
  if (networks.every(isNetwork)) return networks
  throw new ConfigError(
    'TRUST_PROXY must be true, false, or a list of addresses and networks such as 10.0.0.0/8, loopback.',
  )
}

function isNetwork(text: string): boolean {
  const [address = '', bits = '0', ...rest] = text.split('/')
  const width = { 4: 32, 6: 128 }[isIP(address)]
  if (width === undefined) return NETWORKS.includes(text)
  return rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= width
}

function readMetricsToken(text: string | undefined): string | null {
  if (text === undefined || /^[\x21-\x7e]{16,200}$/.test(text)) return text ?? null
  throw new ConfigError(
    'METRICS_TOKEN must have 16 to 200 characters, without spaces; make one with `openssl rand -hex 32`.',
  )
}

function readLogLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((each) => each === text)
  if (level) return level
  throw new ConfigError(`LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}.`)
}
