import { describe, expect, it } from 'vitest'

import type { Terminal } from '../../../forge/cli/command.ts'
import { environmentOf } from '../../../forge/cli/flowfuse-options.ts'
import { serve } from '../../../forge/cli/serve.ts'

const terminal: Terminal = {
  env: {},
  folder: '/',
  colours: false,
  print: () => undefined,
  complain: () => undefined,
  ask: null,
}

describe('forge-pat serve', () => {
  it('takes each option for a variable, and believes it more', () => {
    const env = { PORT: '1', LOG_LEVEL: 'warn', FLOWFUSE_URL: 'http://old' }

    expect(environmentOf({ host: 'flowfuse', 'flowfuse-url': 'http://new', port: '2' }, env)).toEqual({
      PORT: '2',
      LOG_LEVEL: 'warn',
      FLOWFUSE_URL: 'http://new',
    })
  })

  it('wants to know beside what it stands', async () => {
    await expect(serve.run({}, terminal, [])).rejects.toThrow('--host must be flowfuse.')
    await expect(serve.run({ host: 'gitlab' }, terminal, [])).rejects.toThrow('--host must be flowfuse.')
  })

  it('says in one sentence what is missing', async () => {
    await expect(serve.run({ host: 'flowfuse' }, terminal, [])).rejects.toThrow(/^BASE_URL must be [^\n]*\.$/)
  })

  it('names every option in its help', () => {
    for (const option of Object.keys(serve.options)) expect(serve.help).toContain(`--${option} `)
  })
})
