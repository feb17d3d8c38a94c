import { expect, it } from 'vitest'

import { differenceOf } from '../../../command/connect/difference.ts'

it('shows changed lines only, step by step', () => {
  expect(differenceOf('a\nb\nc\n', ['a\nx\nb\nc\n', 'a\nx\nb\ny\n'])).toEqual([
    '@@ line 2 @@',
    '+ x',
    '@@ line 4 @@',
    '- c',
    '+ y',
  ])
})

it.each([
  ['"Authorization": "Bearer abc.def"', '"Authorization": "…"'],
  ['"url": "https://a/?t=ffpat_4hPq0ZcT7mRk_EXAMPLE"', '"url": "https://a/?t=ffpat_…"'],
  ['"X-Api-Key": "hunter2"', '"X-Api-Key": "…"'],
  ['"--header", "Authorization: Bearer hunter2"', '"--header", "Authorization: Bearer …"'],
  ['password = "hunter2"', 'password = "…"'],
  ['"Authorization": "Bearer ${FORGE_TOKEN}"', '"Authorization": "Bearer ${FORGE_TOKEN}"'],
  ['bearer_token_env_var = "FORGE_TOKEN"', 'bearer_token_env_var = "FORGE_TOKEN"'],
])('covers what may be a secret in %s', (line, shown) => {
  expect(differenceOf(`${line}\n`, ['\n'])).toContain(`- ${shown}`)
})
