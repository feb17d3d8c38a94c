import { Type, type TSchema } from '@sinclair/typebox'
import { describe, expect, it } from 'vitest'

import { CreateTokenSchema } from '../../../forge/contract/token.ts'
import { sentenceFor, strictValidator } from '../../../forge/errors/validation.ts'

type Validate = ((value: unknown) => boolean) & { errors?: Parameters<typeof sentenceFor>[0] }

function complaint(schema: TSchema, value: unknown, httpPart = 'body'): string | null {
  const validate = strictValidator({ schema, method: 'POST', url: '/', httpPart }) as Validate
  return validate(value) ? null : sentenceFor(validate.errors ?? [], httpPart)
}

const good = {
  name: 'Claude Code',
  role: 'viewer',
  readOnly: true,
  grants: [{ type: 'instance', id: 'i1' }],
  expiresAt: '2026-12-23T00:00:00Z',
}

describe('strictValidator', () => {
  it('accepts what the contract asks for', () => {
    expect(complaint(CreateTokenSchema, good)).toBeNull()
  })

  it('turns nothing into another type in a body', () => {
    expect(complaint(Type.Object({ n: Type.Integer() }), { n: '7' })).toBe('n must be a whole number.')
  })

  it('reads numbers out of a query', () => {
    expect(complaint(Type.Object({ n: Type.Integer() }), { n: '7' }, 'querystring')).toBeNull()
  })
})

describe('sentenceFor', () => {
  it.each([
    [{ name: undefined }, 'name is missing.'],
    [{ name: 7 }, 'name must be a string.'],
    [{ name: '' }, 'name must not be empty.'],
    [{ name: '   ' }, 'name holds characters that are not allowed there, or is blank.'],
    [{ name: 'a\u0000b' }, 'name holds characters that are not allowed there, or is blank.'],
    [{ name: 'a\u202eb' }, 'name holds characters that are not allowed there, or is blank.'],
    [{ name: 'x'.repeat(10_000) }, 'name must have at most 100 characters.'],
    [{ role: 'admin' }, 'role is not one of the values that are allowed.'],
    [{ readOnly: 'yes' }, 'readOnly must be a boolean.'],
    [{ grants: [] }, 'grants must not be empty.'],
    [{ grants: {} }, 'grants must be a list.'],
    [{ grants: [{ type: 'instance' }] }, 'id is missing.'],
    [{ grants: [...good.grants, ...good.grants] }, 'grants must not name the same thing twice.'],
    [{ expiresAt: 7 }, 'expiresAt must be a string.'],
    [{ expiresAt: 'tomorrow' }, 'expiresAt must be a date and time with its zone, such as 2026-12-23T00:00:00Z.'],
    [
      { expiresAt: '99999-01-01T00:00:00Z' },
      'expiresAt must be a date and time with its zone, such as 2026-12-23T00:00:00Z.',
    ],
    [{ expiry: 1 }, 'There is a field here that does not belong: expiry.'],
    [{ 'ex\u0007': 1 }, 'There is a field here that does not belong: ex?.'],
  ])('says of %j: %s', (change, sentence) => {
    const body = Object.fromEntries(Object.entries({ ...good, ...change }).filter(([, value]) => value !== undefined))
    expect(complaint(CreateTokenSchema, body)).toBe(sentence)
  })

  it.each([[[]], ['text'], [null], [7]])('asks for an object instead of %j', (body) => {
    expect(complaint(CreateTokenSchema, body)).toBe('The body must be an object.')
  })
})
