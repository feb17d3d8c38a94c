import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

import { afterEach, describe, expect, it, vi } from 'vitest'

import { startTracing, type Tracing } from '../../../forge/host/tracing/tracing.ts'
import { createApplication, createInstance, createTeam, mintToken } from '../../support/builders.ts'
import { startForge } from '../../support/forge.ts'
import { hasPostgres } from '../../support/postgres.ts'

const TOKEN = 'metrics-token-of-the-test'

afterEach(() => vi.unstubAllEnvs())

describe.runIf(hasPostgres)('on PostgreSQL', () => {
  it('metrics tell of its connections, and the audit', async () => {
    const forge = await startForge({ dialect: 'postgres', metricsToken: TOKEN })
    const headers = { authorization: `Bearer ${TOKEN}` }
    const { body } = await forge.app.inject({ url: '/metrics', headers })
    await forge.close()

    for (const state of ['used', 'idle', 'waiting']) {
      expect(body).toMatch(new RegExp(`forge_database_connections\\{state="${state}"\\} \\d+`))
    }
    expect(body).toMatch(/forge_pat_audit_backlog_entries\{for="seal"\} \d+/)
    expect(body).toContain('forge_pat_listening 1')
  })

  it('traces tell of prepared statements by their name', async () => {
    const received: string[] = []
    const collector = createServer((request, response) => {
      void text(request).then((body) => {
        received.push(body)
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
      })
    })
    await new Promise<void>((resolve) => void collector.listen(0, '127.0.0.1', resolve))
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${(collector.address() as AddressInfo).port}`)
    const settings = { exporter: 'otlp', protocol: 'http/json' } as const
    const tracing = (await startTracing(settings, () => undefined)) as Tracing
    const forge = await startForge({ dialect: 'postgres', tracing })
    const application = await createApplication(forge, { team: await createTeam(forge, { owner: forge.admin }) })
    const packer = await createInstance(forge, { application })
    const { token } = await mintToken(forge, { user: forge.admin, instance: packer })

    const answer = await forge.app.inject({
      method: 'POST',
      url: '/oauth/introspect',
      headers: { authorization: `Bearer ${packer.credential}`, 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ token }).toString(),
    })
    await forge.close()
    await tracing.close()
    await new Promise((resolve) => void collector.close(resolve))

    expect(answer.json()).toMatchObject({ active: true })
    expect(received.join()).toMatch(/"name":"(pat|forge)[\w-]*"/)
    expect(received.join()).toContain('"postgresql"')
    expect(received.join()).not.toContain(token.split('_')[1])
  })
})
