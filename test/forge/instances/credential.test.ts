import { describe, expect, it } from 'vitest'

import { readInstanceCredential } from '../../../forge/instances/credential.ts'

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

describe('readInstanceCredential', () => {
  it('reads a bearer', () => {
    expect(readInstanceCredential('Bearer fft_abc')).toEqual({ secret: 'fft_abc' })
  })

  it.each(['bearer fft_abc', 'BEARER  fft_abc ', 'Bearer fft_abc '])('takes %j: the scheme has no case', (header) => {
    expect(readInstanceCredential(header)?.secret).toBe('fft_abc')
  })

  it('reads HTTP Basic with the id and the credential', () => {
    expect(readInstanceCredential(basic('an-id:fft_abc'))).toEqual({
      secret: 'fft_abc',
      claimedInstanceId: 'an-id',
    })
  })

  it('decodes both parts as forms are encoded (RFC 6749 section 2.3.1)', () => {
    expect(readInstanceCredential(basic('a%3Ab:x%2By+z'))).toEqual({
      secret: 'x+y z',
      claimedInstanceId: 'a:b',
    })
  })

  it.each([
    ['nothing', undefined],
    ['an empty header', ''],
    ['a scheme alone', 'Bearer'],
    ['two tokens', 'Bearer a b'],
    ['a character that no token has', 'Bearer a"b'],
    ['another scheme', 'Digest abc'],
    ['Basic that is not base64', 'Basic %%%'],
    ['Basic without a colon', basic('abc')],
    ['Basic without a secret', basic('abc:')],
    ['Basic without an id', basic(':abc')],
    ['Basic with a broken escape', basic('abc:%zz')],
  ])('takes %s for no credential', (_, header) => {
    expect(readInstanceCredential(header)).toBeNull()
  })
})
