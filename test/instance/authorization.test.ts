import type { IncomingMessage } from 'node:http'

import { describe, expect, it } from 'vitest'

import { readCredential } from '../../instance/authorization.ts'
import { madeUpToken } from './support/loopback-forge.ts'

const TOKEN = madeUpToken()

function withHeaders(...values: string[]): IncomingMessage {
  const rawHeaders = values.flatMap((value) => ['Authorization', value])
  const headers = values[0] === undefined ? {} : { authorization: values[0] }
  return { rawHeaders, headers } as unknown as IncomingMessage
}

function adviceFor(header: string): string | null {
  const credential = readCredential(withHeaders(header))
  return credential.kind === 'unusable' ? credential.advice : null
}

describe('readCredential', () => {
  it('finds none in a request without the header, or with an empty one', () => {
    expect(readCredential(withHeaders())).toEqual({ kind: 'none' })
    expect(readCredential(withHeaders(''))).toEqual({ kind: 'none' })
  })

  it.each([`Bearer ${TOKEN}`, `bearer ${TOKEN}`, `BEARER    ${TOKEN}  `, `Bearer\t${TOKEN}`])(
    'finds the token in "%s"',
    (header) => {
      expect(readCredential(withHeaders(header))).toEqual({ kind: 'token', text: TOKEN })
    },
  )

  it('does not choose between several headers, even when they are equal', () => {
    expect(readCredential(withHeaders(`Bearer ${TOKEN}`, `Bearer ${TOKEN}`))).toEqual({ kind: 'several' })
  })

  it.each(['Basic dXNlcjpwYXNz', 'Bearer ffhttp_abcdef', 'Digest x', 'Bearer eyJhbGciOi.eyJzdWIi.c2ln'])(
    'leaves "%s" to the host',
    (header) => {
      expect(readCredential(withHeaders(header))).toEqual({ kind: 'other' })
    },
  )

  it.each([
    ['Bearer', /holds no token/],
    ['Bearer   ', /holds no token/],
    ['Bearer ${FORGE_TOKEN}', /name of a variable/],
    ['Bearer ${env:FORGE_TOKEN}', /name of a variable/],
    ['Bearer ${input:pat}', /name of a variable/],
    ['Bearer $FORGE_TOKEN', /name of a variable/],
    ['Bearer %FORGE_TOKEN%', /name of a variable/],
    ['Bearer {{PAT}}', /name of a variable/],
    ['Bearer YOUR_TOKEN_HERE', /placeholder/],
    ['Bearer your-token', /placeholder/],
    ['Bearer <token>', /placeholder/],
    ['Bearer xxxxx', /placeholder/],
    [`Bearer Bearer ${TOKEN}`, /Bearer is there twice/],
    [`Bearer "${TOKEN}"`, /quotes/],
    [`Bearer '${TOKEN}'`, /quotes/],
    [`Bearer ${TOKEN.slice(0, 40)} ${TOKEN.slice(40)}`, /blank or a line break/],
    [`Bearer ${TOKEN.slice(0, -4)}`, /cut short/],
    [`Bearer ${TOKEN}x`, /too long/],
    [`Bearer ${TOKEN.slice(0, -1)}${TOKEN.endsWith('0') ? '1' : '0'}`, /checksum/],
    [`Bearer ffpat_${'a'.repeat(43)}`, /FlowFuse platform/],
    [TOKEN, /Write Bearer and a blank/],
  ])('says what to do about "%s"', (header, advice) => {
    expect(adviceFor(header)).toMatch(advice)
  })

  it('says it in the characters that an error_description may have, without repeating what was sent', () => {
    const advice = adviceFor(`Bearer "${TOKEN}"`)

    expect(advice).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)
    expect(advice).not.toContain(TOKEN)
  })
})
