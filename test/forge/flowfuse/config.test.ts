import { describe, expect, it } from 'vitest'

import { readSidecarConfig } from '../../../forge/flowfuse/config.ts'

const GOOD = {
  BASE_URL: 'https://flowfuse.example.com/pat/',
  FLOWFUSE_URL: 'http://127.0.0.1:3000/',
  FLOWFUSE_DATABASE: 'sqlite:/opt/flowfuse/var/forge.db',
}

describe('readSidecarConfig', () => {
  it('needs three settings, and keeps a database of its own', () => {
    expect(readSidecarConfig(GOOD)).toMatchObject({
      baseUrl: 'https://flowfuse.example.com/pat',
      flowfuseUrl: 'http://127.0.0.1:3000',
      flowfuseDatabaseUrl: 'sqlite:/opt/flowfuse/var/forge.db',
      flowfuseInstanceId: null,
      databaseUrl: 'sqlite:var/forge-pat.db',
      host: '127.0.0.1',
      port: 3000,
    })
  })

  it.each([
    ['BASE_URL', undefined],
    ['BASE_URL', 'https://flowfuse.example.com'],
    ['BASE_URL', 'https://flowfuse.example.com/'],
    ['BASE_URL', 'pat'],
    ['FLOWFUSE_URL', undefined],
    ['FLOWFUSE_URL', 'flowfuse:3000'],
    ['FLOWFUSE_URL', 'http://user:password@flowfuse'],
    ['FLOWFUSE_DATABASE', undefined],
    ['FLOWFUSE_DATABASE', 'sqlite::memory:'],
    ['FLOWFUSE_DATABASE', 'mysql://x'],
    ['DATABASE_URL', GOOD.FLOWFUSE_DATABASE],
    ['DATABASE_URL', 'sqlite:/opt/flowfuse/etc/../var/forge.db'],
  ])('names %s when it is %s', (name, value) => {
    expect(() => readSidecarConfig({ ...GOOD, [name]: value })).toThrow(new RegExp(`^${name} `))
  })
})
