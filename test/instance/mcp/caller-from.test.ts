import type { IncomingMessage } from 'node:http'

import { describe, expect, it } from 'vitest'

import { callerOf, identify } from '../../../instance/caller.ts'
import { callerFrom } from '../../../instance/mcp/caller-from.ts'
import { activeAnswer } from '../support/loopback-forge.ts'

function identified() {
  const request = { rawHeaders: [], headers: {}, headersDistinct: {} } as unknown as IncomingMessage & { auth?: never }
  identify(request, activeAnswer())
  return request
}

describe('callerFrom', () => {
  it('reads back the caller that the middleware has identified', () => {
    const request = identified()

    expect(callerFrom(request.auth)).toEqual(callerOf(request))
  })

  it('is null without AuthInfo', () => {
    expect(callerFrom(undefined)).toBeNull()
  })

  it.each([
    undefined,
    {},
    { user: { userId: 'x' } },
    { user: { userId: 'x' }, team: {}, role: { name: 'king' }, readOnly: false, tokenId: 't', auditRef: 'a' },
    { user: { userId: 'x' }, team: {}, role: { name: 'toString' }, readOnly: false, tokenId: 't', auditRef: 'a' },
    { user: { userId: 'x' }, team: {}, role: { name: 'owner' }, readOnly: 'no', tokenId: 't', auditRef: 'a' },
    {
      user: { userId: 'x' },
      team: {},
      role: { name: 'owner' },
      readOnly: false,
      tokenId: 't',
      auditRef: 'a',
      presenter: {},
    },
  ])('is null for the AuthInfo of somebody else: %j', (extra) => {
    expect(callerFrom({ token: 't', clientId: 'c', scopes: [], ...(extra ? { extra } : {}) })).toBeNull()
  })
})
