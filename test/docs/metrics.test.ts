import { readFileSync } from 'node:fs'

import { beforeAll, describe, expect, it } from 'vitest'

import { startForge } from '../support/forge.ts'

const read = (name: string) => readFileSync(`docs/admin/${name}`, 'utf8')
const TOKEN = 'metrics-token-of-the-test'

interface Metric {
  type: string
  labels: Set<string>
}

/** What the forge serves, by name. */
let served: Map<string, Metric>
beforeAll(async () => {
  const forge = await startForge({ metricsToken: TOKEN })
  await forge.app.inject('/health/live')
  const { body } = await forge.app.inject({ url: '/metrics', headers: { authorization: `Bearer ${TOKEN}` } })
  await forge.close()

  served = new Map()
  for (const [, name = '', type = ''] of body.matchAll(/^# TYPE (\S+) (\S+)$/gm))
    served.set(name, { type, labels: new Set() })
  for (const [, name = '', labels = ''] of body.matchAll(/^(\w+)\{(.*)\}/gm)) {
    const metric = served.get(name) ?? served.get(name.replace(/_(bucket|sum|count)$/, ''))
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) if (label !== 'le') metric?.labels.add(label)
  }
})

/** The names of metrics in an expression of PromQL. */
const namesIn = (text: string) =>
  [...text.matchAll(/\b((?:forge|process|nodejs)_\w+)/g)].map(([, name = '']) =>
    name.replace(/_(bucket|sum|count)$/, ''),
  )
const unknown = (names: string[]) => [...new Set(names)].filter((name) => !served.has(name))

it('lists every metric with its type and labels, and no other', () => {
  const rows = [...read('metrics.md').matchAll(/^\| `(forge_\w+)` +\| (\w+) +\| (.*?) +\| /gm)]
  const listed = new Map(
    rows.map(([, name, type, labels = '']) => [name, `${type} ${labels.replace(/[`,]/g, '')}`.trim()]),
  )

  const own = [...served].filter(([name]) => name.startsWith('forge_'))
  expect([...listed.keys()].sort()).toEqual(own.map(([name]) => name).sort())
  for (const [name, { type, labels }] of own) {
    expect(listed.get(name), name).toMatch(new RegExp(`^${type}`))
    for (const label of labels) expect(listed.get(name), name).toContain(label)
  }
})

describe('the dashboard', () => {
  const text = read('grafana-dashboard.json')
  const dashboard = JSON.parse(text) as {
    templating: { list: { name: string; type: string }[] }
    panels: { title: string; type: string; datasource?: { uid: string }; targets?: { expr: string }[] }[]
  }
  const charts = dashboard.panels.filter(({ type }) => type !== 'row')

  it('asks for the data source, and names it everywhere', () => {
    expect(dashboard.templating.list).toContainEqual(
      expect.objectContaining({ name: 'datasource', type: 'datasource' }),
    )
    expect(charts.map(({ datasource }) => datasource?.uid)).toEqual(charts.map(() => '${datasource}'))
  })

  it('shows only what the forge serves, and all that is its own', () => {
    const names = charts.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => namesIn(expr)))
    expect(charts.every(({ targets = [] }) => targets.length > 0)).toBe(true)
    expect(unknown(names)).toEqual([])
    expect([...served.keys()].filter((name) => name.startsWith('forge_') && !names.includes(name))).toEqual([])
  })
})

it('alerts only by what the forge serves', () => {
  const expressions = [...read('prometheus-rules.yml').matchAll(/^ +expr: (.*)$/gm)].map(
    ([, expression = '']) => expression,
  )
  expect(expressions.length).toBeGreaterThan(5)
  for (const expression of expressions) expect(namesIn(expression).length, expression).toBeGreaterThan(0)
  expect(unknown(expressions.flatMap(namesIn))).toEqual([])
})
