import type { AuditSinks, ForgePatSettings, MailOptions } from '../index.ts'
import { ConfigError, type Environment } from './config-error.ts'

const MIN_SECRET_LENGTH = 16

/** Reads what the module does otherwise than by itself. @param env without empty variables @throws {ConfigError} */
export function readModuleSettings(env: Environment): ForgePatSettings {
  const mail = readMail(env)
  const auditSinks = readAuditSinks(env)

  return {
    ...(mail ? { mail } : {}),
    ...(auditSinks ? { auditSinks } : {}),
    ...readNumber(env, 'MAX_TOKENS_PER_USER', 10_000, (maxTokensPerUser) => ({ maxTokensPerUser })),
    ...readNumber(env, 'TOMBSTONE_DAYS', 3_650, (tombstoneDays) => ({ tombstoneDays })),
    ...readNumber(env, 'CALL_LOG_DAYS', 3_650, (callLogDays) => ({ callLogDays })),
    ...(readSwitch(env, 'GITHUB_ALERTS') ? { githubAlerts: {} } : {}),
  }
}

function readMail(env: Environment): MailOptions | null {
  const pair = readPair(env, 'SMTP_URL', 'MAIL_FROM')
  if (!pair) return null

  const [transportUrl, from] = pair
  if (!hasProtocol(transportUrl, ['smtp:', 'smtps:'])) {
    throw new ConfigError('SMTP_URL must be smtp://user:password@host:587 or smtps://user:password@host:465.')
  }
  if (!/^(?:[^\s<>@]+@[^\s<>@]+|[^<>\p{Cc}]*<[^\s<>@]+@[^\s<>@]+>)$/u.test(from)) {
    throw new ConfigError('MAIL_FROM must be an address, such as forge@example.com or Forge <forge@example.com>.')
  }
  return { transportUrl, from }
}

function readAuditSinks(env: Environment): AuditSinks | null {
  const stream = env['AUDIT_STREAM']
  if (stream !== undefined && stream !== 'stdout') throw new ConfigError('AUDIT_STREAM must be stdout, or unset.')

  const pair = readPair(env, 'AUDIT_WEBHOOK_URL', 'AUDIT_WEBHOOK_SECRET')
  const stdout = stream === undefined ? {} : { stdout: process.stdout }
  if (!pair) return stream === undefined ? null : stdout

  const [url, secret] = pair
  if (!hasProtocol(url, ['https:', 'http:'])) {
    throw new ConfigError('AUDIT_WEBHOOK_URL must be an http or https address.')
  }
  if (secret.length < MIN_SECRET_LENGTH) {
    throw new ConfigError(`AUDIT_WEBHOOK_SECRET must have at least ${MIN_SECRET_LENGTH} characters.`)
  }
  return { ...stdout, webhook: { url, secret } }
}

/** Two variables that are no use without each other. @throws {ConfigError} naming the one that is missing */
function readPair(env: Environment, first: string, second: string): [string, string] | null {
  const [one, other] = [env[first], env[second]]
  if (one !== undefined && other !== undefined) return [one, other]
  if (one === undefined && other === undefined) return null

  const missing = one === undefined ? first : second
  throw new ConfigError(`${missing} is missing: ${first} and ${second} go together.`)
}

function readNumber<T>(env: Environment, name: string, max: number, settle: (value: number) => T): T | object {
  const text = env[name]
  if (text === undefined) return {}

  const value = Number(text)
  if (/^\d+$/.test(text) && value >= 1 && value <= max) return settle(value)
  throw new ConfigError(`${name} must be a number from 1 to ${max}.`)
}

function readSwitch(env: Environment, name: string): boolean {
  const text = env[name] ?? 'false'
  if (text === 'true' || text === 'false') return text === 'true'
  throw new ConfigError(`${name} must be true or false.`)
}

function hasProtocol(text: string, protocols: string[]): boolean {
  const url = URL.canParse(text) ? new URL(text) : null
  return url !== null && protocols.includes(url.protocol) && url.hostname !== ''
}
