import { describe, expect, it } from 'vitest'

import { httpNodeMiddleware } from '../../instance/middleware.ts'
import { OptionError, readInstanceOptions, type InstanceOptions } from '../../instance/options.ts'

const OPTIONS = { forgeUrl: 'https://forge.example', instanceToken: 'fft_abc', resourceUrl: 'https://line3.example' }

describe('readInstanceOptions', () => {
  it('takes from the environment what is not given', () => {
    const env = {
      FORGE_URL: 'https://forge.example/pat/',
      FORGE_PROJECT_ID: 'instanceA',
      FORGE_PROJECT_TOKEN: 'fft_abc',
      FORGE_RESOURCE_URL: 'https://line3.example/nodes/',
    }

    expect(readInstanceOptions({}, env)).toMatchObject({
      forgeUrl: 'https://forge.example/pat',
      instanceId: 'instanceA',
      instanceToken: 'fft_abc',
      resourceName: 'line3.example',
      mcpPaths: new Set(['/mcp']),
      fallback: null,
    })
  })

  it('prefers what is given', () => {
    const settings = readInstanceOptions(OPTIONS, { FORGE_URL: 'https://other.example', FORGE_PROJECT_TOKEN: 'fft_x' })

    expect(settings).toMatchObject({ forgeUrl: 'https://forge.example', instanceToken: 'fft_abc' })
  })

  it.each<[Partial<InstanceOptions>, RegExp]>([
    [{ forgeUrl: undefined }, /^forgeUrl \(or the environment variable FORGE_URL\) is missing\.$/],
    [{ instanceToken: '' }, /^instanceToken \(or the environment variable FORGE_PROJECT_TOKEN\) is missing\.$/],
    [{ resourceUrl: undefined }, /^resourceUrl \(or the environment variable FORGE_RESOURCE_URL\) is missing\.$/],
    [{ forgeUrl: 'forge.example' }, /^forgeUrl \(or FORGE_URL\) must be an http or https URL/],
    [{ forgeUrl: 'ftp://forge.example' }, /must be an http or https URL/],
    [{ forgeUrl: 'https://a:b@forge.example' }, /without user/],
    [{ resourceUrl: 'https://line3.example/?x=1' }, /without user, query and fragment/],
    [{ instanceToken: 'fft_a\r\nX: y' }, /holds characters that no credential has\.$/],
    [{ mcpPaths: ['mcp'] }, /a path starts with a slash/],
    [{ allowedOrigins: ['*'] }, /"\*" is no origin/],
    [{ allowedOrigins: ['https://app.example/'] }, /is no origin/],
    [{ fallback: 'nonsense' as unknown as [] }, /^fallback must be a middleware function/],
  ])('refuses %o with one sentence', (changes, sentence) => {
    const read = () => readInstanceOptions({ ...OPTIONS, ...changes }, {})

    expect(read).toThrow(OptionError)
    expect(read).toThrow(sentence)
  })

  it('never repeats the credential in that sentence', () => {
    expect(() => readInstanceOptions({ ...OPTIONS, instanceToken: 'fft_se cret' }, {})).toThrow(/^(?!.*fft_se)/)
  })

  it('is asked when the middleware is made, not at the first request', () => {
    expect(() => httpNodeMiddleware({ ...OPTIONS, forgeUrl: 'nowhere' })).toThrow(OptionError)
  })
})
