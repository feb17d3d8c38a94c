import { describe, expect, it } from 'vitest'

import { keptArguments } from '../../../forge/contract/kept-arguments.ts'

describe('keptArguments', () => {
  it('leaves the named fields out, at any depth, in lists too, and in any case of letters', () => {
    const args = { line: 4, Password: 'a', deep: { password: 'b', list: [{ PASSWORD: { x: 1 }, keep: true }, 'text'] } }

    expect(keptArguments(args, ['password'])).toEqual({ line: 4, deep: { list: [{ keep: true }, 'text'] } })
  })

  it('keeps nothing of arguments that are too long', () => {
    expect(keptArguments({ text: 'x'.repeat(4_000) }, [])).toBeNull()
    expect(keptArguments({ text: 'x'.repeat(4_000), other: 1 }, ['text'])).toEqual({ other: 1 })
  })

  it('keeps nothing of arguments that nest too deep to be looked through', () => {
    const args = JSON.parse(`{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`) as Record<string, unknown>

    expect(keptArguments(args, [])).toBeNull()
  })

  it('takes __proto__ for a field like any other', () => {
    const args = JSON.parse('{"__proto__":{"password":"a","b":1}}') as Record<string, unknown>

    expect(JSON.stringify(keptArguments(args, ['password']))).toBe('{"__proto__":{"b":1}}')
  })
})
