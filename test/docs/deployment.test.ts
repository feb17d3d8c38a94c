import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'

const FOLDER = 'docs/admin/deploy'
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8')

/** What settings.md knows, and what is not the forge's but the programs' around it. */
const settings = new Set(
  [...readFileSync('docs/admin/settings.md', 'utf8').matchAll(/^\| (.*?) \|/gm)].flatMap(
    ([, names]) => names?.match(/[A-Z][A-Z_]{3,}/g) ?? [],
  ),
)
const isKnown = (name: string) => settings.has(name) || name === 'NODE_ENV'

interface Service {
  environment?: Record<string, string>
  depends_on?: Record<string, { condition: string }>
  stop_grace_period?: string
  ports?: string[]
}

/** Seconds that the forge may take to stop, after its drain. */
const STOP_SECONDS = 5

describe('compose.yaml', () => {
  const { services } = parse(read('compose.yaml'), { merge: true }) as { services: Record<string, Service> }
  const forges = Object.entries(services).filter(([name]) => name.startsWith('forge-'))

  it('has two forges that share all their settings, and are reached through the proxy alone', () => {
    expect(forges).toHaveLength(2)
    const [first, second] = forges.map(([, forge]) => forge)
    expect(first).toEqual(second)
    expect(first?.ports).toBeUndefined()
    expect(first?.depends_on).toEqual({ postgres: { condition: 'service_healthy' } })
    expect(services['caddy']?.environment?.['FORGES']).toBe(forges.map(([name]) => `${name}:3000`).join(' '))
  })

  it('sets only what the forge reads', () => {
    for (const [, { environment }] of forges)
      expect(Object.keys(environment ?? {}).filter((n) => !isKnown(n))).toEqual([])
  })

  it('leaves a forge the time to stop', () => {
    for (const [, { environment, stop_grace_period: grace }] of forges)
      expect(Number.parseInt(grace ?? '0', 10)).toBeGreaterThan(Number(environment?.['DRAIN_SECONDS']) + STOP_SECONDS)
  })
})

interface Manifest {
  kind: string
  metadata: { name: string }
  spec: {
    selector?: object
    rules?: { http: { paths: { backend: { service: { name: string; port: { name: string } } } }[] } }[]
    ports?: { name: string; targetPort: string }[]
    template?: { metadata: { labels: object }; spec: PodSpec }
  }
}
interface PodSpec {
  terminationGracePeriodSeconds: number
  containers: {
    env: { name: string; value: string }[]
    ports: { name: string }[]
    readinessProbe: { httpGet: { path: string } }
    livenessProbe: { httpGet: { path: string } }
  }[]
}

describe('kubernetes.yaml', () => {
  const documents = parseAllDocuments(read('kubernetes.yaml'))
  const manifests = documents.map((document) => document.toJS() as Manifest)
  const [deployment, service, ingress] = ['Deployment', 'Service', 'Ingress'].map((kind) =>
    manifests.find((each) => each.kind === kind),
  )
  const pod = deployment?.spec.template
  const container = pod?.spec.containers[0]

  it('is well-formed, and its parts find each other', () => {
    expect(documents.flatMap(({ errors }) => errors)).toEqual([])
    expect(service?.spec.selector).toEqual(pod?.metadata.labels)
    expect(service?.spec.ports?.[0]?.targetPort).toBe(container?.ports[0]?.name)
    const backend = ingress?.spec.rules?.[0]?.http.paths[0]?.backend.service
    expect(backend).toEqual({ name: service?.metadata.name, port: { name: service?.spec.ports?.[0]?.name } })
  })

  it('sets only what the forge reads, and leaves it the time to stop', () => {
    const env = new Map(container?.env.map(({ name, value }) => [name, value]))
    expect([...env.keys()].filter((name) => !isKnown(name))).toEqual([])
    const grace = pod?.spec.terminationGracePeriodSeconds
    expect(grace).toBeGreaterThan(Number(env.get('DRAIN_SECONDS')) + STOP_SECONDS)
  })

  it('restarts no forge over a database that is away', () => {
    expect(container?.readinessProbe.httpGet.path).toBe('/health/ready')
    expect(container?.livenessProbe.httpGet.path).toBe('/health/live')
  })
})

describe('forge-pat@.service', () => {
  const lines = read('forge-pat@.service')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  const values = (key: string) =>
    lines.flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []))

  it('is made of sections and settings', () => {
    for (const line of lines) expect(line).toMatch(/^(?:\[\w+\]|[A-Za-z]+=.*)$/)
    expect(lines.filter((line) => line.startsWith('['))).toEqual(['[Unit]', '[Service]', '[Install]'])
  })

  it('sets only what the forge reads, and leaves it the time to stop', () => {
    const environment = new Map(values('Environment').map((pair) => pair.split('=') as [string, string]))
    expect([...environment.keys()].filter((name) => !isKnown(name))).toEqual([])
    const grace = Number(values('TimeoutStopSec')[0])
    expect(grace).toBeGreaterThan(Number(environment.get('DRAIN_SECONDS')) + STOP_SECONDS)
  })
})

it('the image runs what the build makes, without npm in between', () => {
  const commands = [...read('Dockerfile').matchAll(/^(\w+) (.*)$/gm)].map(([, word, rest]) => [word, rest])
  expect(commands.at(-1)).toEqual(['CMD', '["node", "dist/forge/host/main.js"]'])
  const names = [...read('Dockerfile').matchAll(/(\w+)=/g)].map(([, name]) => name ?? '')
  expect(names.filter((name) => /^[A-Z_]+$/.test(name) && !isKnown(name))).toEqual([])
})

it('deployment.md names only variables that exist, of the forge or of compose.yaml', () => {
  const ofCompose = [...read('compose.yaml').matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name)
  const named = readFileSync('docs/admin/deployment.md', 'utf8').match(/\b[A-Z]+_[A-Z_]+\b/g) ?? []
  const unknown = named.filter((name) => !isKnown(name) && !ofCompose.includes(name))
  expect(unknown.filter((name) => name !== 'FORGE_ADMIN_')).toEqual([])
})

it('what an administrator writes beside compose.yaml stays out of the build', () => {
  expect(read('Dockerfile.dockerignore').split('\n')).toContain('**/.env')
})
