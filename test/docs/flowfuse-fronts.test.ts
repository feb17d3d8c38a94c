import { readFileSync } from 'node:fs'

import { expect, it } from 'vitest'
import { parse } from 'yaml'

const page = readFileSync('docs/admin/flowfuse.md', 'utf8')
const blocks = [...page.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text = '']) => parse(text) as unknown)
const withKey = (key: string) => blocks.find((block) => typeof block === 'object' && block !== null && key in block)

const DISCOVERY = '/.well-known/oauth-authorization-server/pat'

interface Traefik {
  http: {
    routers: Record<string, { rule: string; priority: number; service: string }>
    services: Record<string, { loadBalancer: { servers: { url: string }[]; responseForwarding: object } }>
  }
}

// Neither Traefik nor Helm is run here: what they are given is read as they read it.
it('gives Traefik a router that leads exactly our paths to a service that is there', () => {
  const { routers, services } = (withKey('http') as Traefik).http
  const [router] = Object.values(routers)
  const paths = [...(router?.rule.matchAll(/(Path|PathPrefix)\(`([^`]+)`\)/g) ?? [])].map(([, kind, path]) => [
    kind,
    path,
  ])
  expect(paths).toEqual([
    ['Path', '/pat'],
    // With its slash: `/patterns` is FlowFuse's.
    ['PathPrefix', '/pat/'],
    ['Path', DISCOVERY],
  ])
  expect(router?.priority).toBeGreaterThan(router?.rule.length ?? Infinity)
  expect(services[router?.service ?? '']?.loadBalancer).toEqual({
    servers: [{ url: 'http://127.0.0.1:3010' }],
    responseForwarding: { flushInterval: '-1ms' },
  })
})

interface Values {
  env: Record<string, string>
  ingress: { hosts: { host: string; paths: { path: string; pathType: string }[] }[] }
  livenessProbe: { httpGet: { path: string } }
  readinessProbe: { httpGet: { path: string } }
}

it('gives Helm values whose paths, probes and variables fit together', () => {
  const values = withKey('ingress') as Values
  const mounted = new URL(values.env['BASE_URL'] ?? '')
  const [host] = values.ingress.hosts
  expect(host?.host).toBe(mounted.host)
  expect(host?.paths).toEqual([
    { path: mounted.pathname, pathType: 'Prefix' },
    { path: DISCOVERY, pathType: 'Exact' },
  ])
  expect(values.livenessProbe.httpGet.path).toBe(`${mounted.pathname}/health/live`)
  expect(values.readinessProbe.httpGet.path).toBe(`${mounted.pathname}/health/ready`)

  const known = readFileSync('docs/admin/settings.md', 'utf8') + readFileSync('forge/cli/flowfuse-options.ts', 'utf8')
  expect(Object.keys(values.env).filter((name) => !known.includes(name))).toEqual([])
})
