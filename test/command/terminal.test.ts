import { describe, expect, it } from 'vitest'

import { paint, plain, terminalOf } from '../../command/terminal.ts'

const terminal = (env: Record<string, string>, isTTY: boolean) => {
  const stream = { isTTY, write: () => true }
  return terminalOf({ env, cwd: () => '/', stdin: stream, stdout: stream, stderr: stream } as unknown as NodeJS.Process)
}

describe('a terminal', () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ TERM: 'dumb' }, true, false],
  ])('with %j, a person there: %s, has colours: %s', (env, isTTY, colours) => {
    expect(paint(terminal(env as Record<string, string>, isTTY), 'red', 'no')).toBe(
      colours ? '\x1b[31mno\x1b[0m' : 'no',
    )
  })

  it('asks only where somebody can answer', () => {
    expect([terminal({}, true).ask === null, terminal({}, false).ask === null]).toEqual([false, true])
  })

  it('is not steered by the texts of others', () => {
    expect(plain('Line\x1b[2J 4\r\n\u202Egnp.')).toBe('Line [2J 4 gnp.')
  })
})
