import { crc32 } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import { checksum, formatToken, parseToken, recogniseCredential } from '../../../forge/contract/token-format.ts'

const selector = '4hPq0ZcT7mRk'
const secret = 'S'.repeat(43)
const text = formatToken({ selector, secret })

describe('formatToken', () => {
  it('writes 68 characters of the documented pattern', () => {
    expect(text).toMatch(/^ffpat_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/)
    expect(text).toHaveLength(68)
  })
})

describe('checksum', () => {
  it('is the CRC-32 of zlib in base62', () => {
    const body = text.slice(0, -6)
    const value = [...checksum(body)].reduce(
      (sum, digit) => sum * 62 + '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'.indexOf(digit),
      0,
    )
    expect(value).toBe(crc32(body))
  })

  it('is padded with zeros', () => {
    expect(checksum('')).toBe('000000')
  })
})

describe('parseToken', () => {
  it('gives back selector and secret', () => {
    expect(parseToken(text)).toEqual({ selector, secret })
  })

  it.each([
    ['nothing', ''],
    ['another prefix', text.replace('ffpat_', 'glpat_')],
    ['a missing last character', text.slice(0, -1)],
    ['a character too many', `${text}0`],
    ['a line feed at the end', `${text.slice(0, -1)}\n`],
    ['a character outside base62', text.replace('S', '-')],
    ['two swapped characters', text.replace('4h', 'h4')],
    ['a wrong checksum', `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`],
  ])('refuses %s', (_, wrong) => {
    expect(parseToken(wrong)).toBeNull()
  })
})

describe('recogniseCredential', () => {
  it.each([
    ['token', text],
    ['flowfuse-platform-token', `ffpat_${'a-_0'.repeat(10)}xyz`],
    ['damaged-token', text.slice(0, 40)],
    ['other', 'ffhttp_something'],
  ] as const)('calls it %s', (kind, credential) => {
    expect(recogniseCredential(credential)).toBe(kind)
  })
})
