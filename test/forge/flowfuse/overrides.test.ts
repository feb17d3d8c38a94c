import { describe, expect, it } from 'vitest'

import { readOverrides } from '../../../forge/flowfuse/overrides.ts'

describe('readOverrides', () => {
  it('finds the role of an application, and none of others', () => {
    const overrides = readOverrides('{"applications":{"a1":30,"a2":0},"sso":true}')

    expect([overrides.of('a1'), overrides.of('a2'), overrides.of('a3')]).toEqual([30, 0, null])
  })

  it.each([null, undefined, '', '{}', 'null', '{"applications":null}'])('has none in %j', (permissions) => {
    expect(readOverrides(permissions).of('a1')).toBeNull()
  })

  it.each(['{', '7', '"text"', '{"applications":7}'])('shuts out where nobody understands %j', (permissions) => {
    expect(readOverrides(permissions).of('a1')).toBe(0)
  })

  it.each(['"owner"', '"50"', '50.5', 'true', 'null', '[50]'])('shuts out for a role that is no level: %s', (role) => {
    expect(readOverrides(`{"applications":{"a1":${role}}}`).of('a1')).toBe(0)
  })

  it('has none that it was not told', () => {
    expect(readOverrides('{"applications":{}}').of('constructor')).toBeNull()
    expect(readOverrides('{"applications":{}}').of('__proto__')).toBeNull()
  })
})
