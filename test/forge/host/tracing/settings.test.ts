import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { nameOfText } from '../../../../forge/host/tracing/database.ts'
import { readTracing } from '../../../../forge/host/tracing/settings.ts'
import { startTracing } from '../../../../forge/host/tracing/tracing.ts'

describe('the environment', () => {
  it.each([
    [{}, null],
    [{ OTEL_SERVICE_NAME: 'forge' }, null],
    [{ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, null],
    [{ OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, null],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, { exporter: 'otlp', protocol: 'http/protobuf' }],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, { exporter: 'otlp', protocol: 'http/protobuf' }],
    [
      { OTEL_TRACES_EXPORTER: 'console', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
      { exporter: 'console', protocol: 'http/json' },
    ],
  ])('%j asks for %j', (env, settings) => {
    expect(readTracing(env)).toEqual(settings)
  })

  it.each([
    ['OTEL_TRACES_EXPORTER', { OTEL_TRACES_EXPORTER: 'zipkin' }],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', { OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }],
  ])('stops the start with a sentence about %s', (name, env) => {
    expect(() => readTracing(env)).toThrow(name)
  })

  it('that asks for nothing loads nothing', async () => {
    expect(await startTracing(null, () => undefined)).toBeNull()

    const files = readdirSync('forge', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
    const importing = (what: RegExp) => files.filter((name) => what.test(readFileSync(join('forge', name), 'utf8')))
    expect(importing(/from '@opentelemetry/)).toEqual(['host/tracing/open-telemetry.ts'])
    expect(importing(/from '.*open-telemetry\.ts'/)).toEqual([])
  })
})

it('names statements by what they do to which table', () => {
  expect(nameOfText(`SELECT "id" FROM "pat_tokens" WHERE "name" = 'secret'`)).toBe('SELECT pat_tokens')
  expect(nameOfText({ query: "insert INTO pat_leases (name) VALUES ('x')" })).toBe('INSERT pat_leases')
  expect(nameOfText('UPDATE `users` SET name = 1')).toBe('UPDATE users')
  expect(nameOfText('COMMIT;')).toBe('COMMIT')
  expect(nameOfText(undefined)).toBe('SQL')
})
