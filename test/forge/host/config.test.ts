import { describe, expect, it } from 'vitest'

import { ConfigError, readConfig, type Environment } from '../../../forge/host/config.ts'

const KEY = Buffer.alloc(32, 1).toString('base64')
const POSTGRES = { DATABASE_URL: 'postgres://forge:s3cret@db.example.com/forge', FORGE_SECRET_KEY: KEY }

function problem(environment: Environment): string {
  try {
    readConfig(environment)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as Error).message
  }
  return 'nothing'
}

describe('readConfig', () => {
  it('needs no variable at all', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 3000,
      baseUrl: 'http://127.0.0.1:3000',
      databaseUrl: 'sqlite:var/forge.db',
      secretKey: null,
      oldSecretKeys: [],
      firstAdmin: null,
      trustProxy: false,
      logLevel: 'info',
      drainSeconds: 0,
      metricsToken: null,
      tracing: null,
      ssoProvidersFile: null,
      settings: {},
    })
  })

  it('takes an empty variable for an unset one', () => {
    expect(readConfig({ PORT: '', BASE_URL: ' ' })).toEqual(readConfig({}))
  })

  it.each([
    [{ HOST: '0.0.0.0' }, 'http://localhost:3000'],
    [{ HOST: '::1', PORT: '8080' }, 'http://[::1]:8080'],
    [{ BASE_URL: 'https://forge.example.com/' }, 'https://forge.example.com'],
    [{ BASE_URL: 'https://Example.com:443/pat/' }, 'https://example.com/pat'],
  ])('knows from %o that it is used at %s', (environment, baseUrl) => {
    expect(readConfig(environment).baseUrl).toBe(baseUrl)
  })

  it.each([
    ['true', true],
    ['false', false],
    ['10.0.0.0/8, loopback', ['10.0.0.0/8', 'loopback']],
    ['::1', ['::1']],
  ])('reads TRUST_PROXY %s', (text, trustProxy) => {
    expect(readConfig({ TRUST_PROXY: text }).trustProxy).toEqual(trustProxy)
  })

  it('reads the first administrator', () => {
    const firstAdmin = { username: 'alice', password: 'correct horse', email: 'alice@example.com' }
    const { username, password, email } = firstAdmin
    const environment = { FORGE_ADMIN_USERNAME: username, FORGE_ADMIN_PASSWORD: password, FORGE_ADMIN_EMAIL: email }

    expect(readConfig(environment).firstAdmin).toEqual(firstAdmin)
  })

  it('reads the keys before the present one', () => {
    const other = Buffer.alloc(32, 2).toString('base64')

    expect(readConfig({ FORGE_SECRET_KEYS_OLD: ` ${KEY}, ${other},` }).oldSecretKeys).toEqual([KEY, other])
  })

  it.each<[string, Environment]>([
    ['PORT', { PORT: '80a' }],
    ['PORT', { PORT: '0' }],
    ['PORT', { PORT: '65536' }],
    ['BASE_URL', { BASE_URL: 'forge.example.com' }],
    ['BASE_URL', { BASE_URL: 'ftp://forge.example.com' }],
    ['BASE_URL', { BASE_URL: 'https://me:secret@forge.example.com' }],
    ['BASE_URL', { BASE_URL: 'https://forge.example.com/?x=1' }],
    ['BASE_URL', { BASE_URL: 'https://forge.example.com/:id' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://localhost/forge' }],
    ['DATABASE_URL', { DATABASE_URL: 'sqlite:' }],
    ['DATABASE_URL', { DATABASE_URL: 'sqlite::memory:' }],
    ['FORGE_SECRET_KEY', { FORGE_SECRET_KEY: 'short' }],
    ['FORGE_SECRET_KEY', { FORGE_SECRET_KEY: Buffer.alloc(33).toString('base64') }],
    ['FORGE_SECRET_KEY', { DATABASE_URL: POSTGRES.DATABASE_URL }],
    ['FORGE_SECRET_KEYS_OLD', { FORGE_SECRET_KEYS_OLD: `${KEY}, short` }],
    ['FORGE_ADMIN_EMAIL', { FORGE_ADMIN_USERNAME: 'alice', FORGE_ADMIN_PASSWORD: 'correct horse' }],
    [
      'FORGE_ADMIN_PASSWORD',
      { FORGE_ADMIN_USERNAME: 'alice', FORGE_ADMIN_PASSWORD: 'short', FORGE_ADMIN_EMAIL: 'alice@example.com' },
    ],
    [
      'FORGE_ADMIN_USERNAME',
      { FORGE_ADMIN_USERNAME: '-', FORGE_ADMIN_PASSWORD: 'correct horse', FORGE_ADMIN_EMAIL: 'alice@example.com' },
    ],
    ['TRUST_PROXY', { TRUST_PROXY: 'yes' }],
    ['TRUST_PROXY', { TRUST_PROXY: '10.0.0.0/33' }],
    ['TRUST_PROXY', { TRUST_PROXY: '10.0.0.0/8/8' }],
    ['METRICS_TOKEN', { METRICS_TOKEN: 'too-short' }],
    ['METRICS_TOKEN', { METRICS_TOKEN: 'long enough, but spaced' }],
    ['LOG_LEVEL', { LOG_LEVEL: 'loud' }],
    ['DRAIN_SECONDS', { DRAIN_SECONDS: '301' }],
    ['DRAIN_SECONDS', { DRAIN_SECONDS: '-1' }],
    ['SMTP_URL', { MAIL_FROM: 'forge@example.com' }],
    ['SMTP_URL', { SMTP_URL: 'mail.example.com:587', MAIL_FROM: 'forge@example.com' }],
    ['SMTP_URL', { SMTP_URL: 'https://mail.example.com', MAIL_FROM: 'forge@example.com' }],
    ['MAIL_FROM', { SMTP_URL: 'smtp://mail.example.com' }],
    ['MAIL_FROM', { SMTP_URL: 'smtp://mail.example.com', MAIL_FROM: 'Forge' }],
    ['TOMBSTONE_DAYS', { TOMBSTONE_DAYS: '0' }],
    ['TOMBSTONE_DAYS', { TOMBSTONE_DAYS: '1.5' }],
    ['MAX_TOKENS_PER_USER', { MAX_TOKENS_PER_USER: 'many' }],
    ['AUDIT_STREAM', { AUDIT_STREAM: 'stderr' }],
    ['AUDIT_WEBHOOK_URL', { AUDIT_WEBHOOK_SECRET: 'a secret of some length' }],
    ['AUDIT_WEBHOOK_URL', { AUDIT_WEBHOOK_URL: 'logs', AUDIT_WEBHOOK_SECRET: 'a secret of some length' }],
    ['AUDIT_WEBHOOK_SECRET', { AUDIT_WEBHOOK_URL: 'https://logs.example.com' }],
    ['AUDIT_WEBHOOK_SECRET', { AUDIT_WEBHOOK_URL: 'https://logs.example.com', AUDIT_WEBHOOK_SECRET: 'short' }],
    ['GITHUB_ALERTS', { GITHUB_ALERTS: 'yes' }],
  ])('names %s in one sentence for %o', (variable, environment) => {
    const sentence = problem(environment)

    expect(sentence).toMatch(new RegExp(`^${variable} .*\\.$`))
    expect(sentence).not.toContain('\n')
  })

  it('reads what the module does otherwise', () => {
    const environment = {
      SMTP_URL: 'smtp://mail.example.com:587',
      MAIL_FROM: 'Forge <forge@example.com>',
      TOMBSTONE_DAYS: '30',
      MAX_TOKENS_PER_USER: '10',
      AUDIT_STREAM: 'stdout',
      AUDIT_WEBHOOK_URL: 'https://logs.example.com/audit',
      AUDIT_WEBHOOK_SECRET: 'a secret of some length',
      GITHUB_ALERTS: 'true',
    }

    const { auditSinks, ...settings } = readConfig(environment).settings
    expect(settings).toEqual({
      mail: { transportUrl: 'smtp://mail.example.com:587', from: 'Forge <forge@example.com>' },
      tombstoneDays: 30,
      maxTokensPerUser: 10,
      githubAlerts: {},
    })
    expect(auditSinks?.stdout).toBe(process.stdout)
    expect(auditSinks?.webhook).toEqual({ url: 'https://logs.example.com/audit', secret: 'a secret of some length' })
  })

  it('never repeats a password or a key', () => {
    const bad = { ...POSTGRES, FORGE_SECRET_KEY: 'c2hvcnQ=', DATABASE_URL: 'postgre://forge:s3cret@db/forge' }

    expect(problem(bad)).not.toContain('s3cret')
    expect(problem({ ...bad, DATABASE_URL: POSTGRES.DATABASE_URL })).not.toContain('c2hvcnQ')
  })
})
