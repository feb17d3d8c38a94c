import { createRequire } from 'node:module'

import { describe, expect, it } from 'vitest'

import { keepToOurselves } from '../../../frontend/library/keep-to-ourselves.ts'

// Vite brings it along, and its own export for modules is not found from here.
const postcss = createRequire(import.meta.url)('postcss') as typeof import('postcss').default

const scoped = (css: string): string =>
  postcss([keepToOurselves()]).process(css, { from: undefined }).css.replaceAll(/\s+/g, ' ')

describe('the styles of the library', () => {
  it.each([
    ['h1, h2:focus { margin: 0 }', '.forge-pat h1, .forge-pat h2:focus { margin: 0 }'],
    ['*, *::before { box-sizing: border-box }', '.forge-pat *, .forge-pat *::before { box-sizing: border-box }'],
    [".a:is(.b, .c)[data-v-1='x, y'] { top: 0 }", ".forge-pat .a:is(.b, .c)[data-v-1='x, y'] { top: 0 }"],
    ['@media (max-width: 1px) { p { top: 0 } }', '@media (max-width: 1px) { .forge-pat p { top: 0 } }'],
  ])('hold below one class: %s', (css, expected) => {
    expect(scoped(css)).toBe(expected)
  })

  it('say of that class what ours say of the whole page, without what FlowFuse’s meta element is asked for', () => {
    expect(scoped('html, body { margin: 0 }')).toBe('.forge-pat { margin: 0 }')
    expect(scoped(":root:has(meta[name='forge-host']) { --ink: red }")).toBe('.forge-pat { --ink: red }')
  })

  it('leave the steps of animations as they are, and what names the class already', () => {
    const steps = '@keyframes forge-pat-rise { from { opacity: 0 } 50% { opacity: 1 } }'
    expect(scoped(steps)).toBe(steps)
    expect(scoped('.forge-pat-above { z-index: 1 }')).toBe('.forge-pat-above { z-index: 1 }')
  })

  it('are light, as the host is, whatever the system is', () => {
    const css = ':root { color-scheme: light dark } @media (prefers-color-scheme: dark) { :root { --ink: white } }'
    expect(scoped(css)).toBe('.forge-pat { color-scheme: light }')
  })
})
