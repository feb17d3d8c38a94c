import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

const [variables, flowfuse] = ['variables', 'flowfuse'].map((name) =>
  readFileSync(`frontend/styles/${name}.css`, 'utf8'),
) as [string, string]

const DARK = '@media (prefers-color-scheme: dark)'

/** The values of a file by name, as they count in light or in dark. */
function valuesOf(css: string, scheme: 'light' | 'dark'): Record<string, string> {
  const [light = '', dark = ''] = css.split(DARK)
  const text = scheme === 'light' ? light : light + dark
  return Object.fromEntries([...text.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name, value]))
}

/** WCAG 2.2, relative luminance of #rrggbb. */
function luminance(colour: string): number {
  const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
  const [red = 0, green = 0, blue = 0] = parts.map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  )
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}

const GROUNDS = ['ground', 'surface', 'sunken']
const TEXTS: [string, string[]][] = [
  ['ink', GROUNDS],
  ['ink-soft', GROUNDS],
  ['accent', [...GROUNDS, 'accent-soft']],
  ['accent-hover', GROUNDS],
  ['accent-ink', ['accent', 'accent-hover']],
  ['danger', [...GROUNDS, 'danger-soft']],
  ['warn', ['surface', 'warn-soft']],
  ['good', ['surface', 'good-soft']],
]
const EDGES = ['line-strong', 'focus']

describe.each(['light', 'dark'] as const)('the colours beside a FlowFuse, %s', (scheme) => {
  const values = { ...valuesOf(variables, scheme), ...valuesOf(flowfuse, scheme) }
  const colour = (name: string) => values[`--${name}`] ?? ''

  it('lets text be read on every ground', () => {
    const tooLow = TEXTS.flatMap(([text, grounds]) =>
      grounds
        .filter((ground) => !(contrast(colour(text), colour(ground)) >= 4.5))
        .map((ground) => `${text}: ${ground}`),
    )
    expect(tooLow).toEqual([])
    for (const fill of ['danger-fill', 'danger-hover'])
      expect(contrast('#ffffff', colour(fill)), fill).toBeGreaterThanOrEqual(4.5)
  })

  it('shows the edges of controls', () => {
    for (const edge of EDGES)
      for (const ground of GROUNDS)
        expect(contrast(colour(edge), colour(ground)), `${edge}: ${ground}`).toBeGreaterThanOrEqual(3)
  })

  it('replaces names that the pages know, and every one that has a colour of our own', () => {
    const known = valuesOf(variables, scheme)
    const changed = Object.keys(valuesOf(flowfuse, scheme))
    expect(changed.filter((name) => !(name in known))).toEqual([])

    const ours = ['--ground', '--surface', '--ink', '--accent', '--focus', '--good', '--danger']
    expect(ours.filter((name) => !changed.includes(name))).toEqual([])
  })
})
