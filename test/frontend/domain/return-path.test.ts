import { describe, expect, it } from 'vitest'

import { safeReturnPath, setupCodeOf } from '../../../frontend/domain/return-path.ts'

describe('safeReturnPath', () => {
  it.each(['/settings/tokens', '/teams/abc?x=1#y', '/'])('keeps the path %s', (path) => {
    expect(safeReturnPath(path)).toBe(path)
  })

  it.each([
    '//evil.example',
    '/\\evil.example',
    '/ok\\..\\evil',
    '/\t/evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    'teams',
    '',
    undefined,
    ['/teams', '/users'],
  ])('turns %j into the start page', (value) => {
    expect(safeReturnPath(value)).toBe('/')
  })
})

describe('setupCodeOf', () => {
  it.each([
    ['#a-B_9', 'a-B_9'],
    ['#code=a-B_9', 'a-B_9'],
    ['', ''],
    ['#%', '%'],
  ])('reads the fragment %s as %s', (hash, code) => {
    expect(setupCodeOf(hash)).toBe(code)
  })
})
