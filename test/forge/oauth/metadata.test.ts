import { afterEach, describe, expect, it } from 'vitest'

import { startForge, type TestForge } from '../../support/forge.ts'

let forge: TestForge
afterEach(() => forge.close())

const get = (path: string) => forge.app.inject({ method: 'GET', url: path })

describe('authorization server metadata (RFC 8414)', () => {
  it('names every endpoint and what it takes', async () => {
    forge = await startForge()

    const answer = await get('/.well-known/oauth-authorization-server')

    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    expect(answer.headers['access-control-allow-origin']).toBe('*')
    expect(answer.json()).toEqual({
      issuer: 'http://forge.test',
      token_endpoint: 'http://forge.test/oauth/token',
      device_authorization_endpoint: 'http://forge.test/oauth/device_authorization',
      introspection_endpoint: 'http://forge.test/oauth/introspect',
      revocation_endpoint: 'http://forge.test/oauth/revoke',
      grant_types_supported: [
        'urn:ietf:params:oauth:grant-type:device_code',
        'urn:ietf:params:oauth:grant-type:token-exchange',
      ],
      response_types_supported: [],
      scopes_supported: ['mcp:read', 'mcp:write'],
      token_endpoint_auth_methods_supported: ['none', 'client_secret_basic'],
      introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'Bearer'],
      revocation_endpoint_auth_methods_supported: ['none', 'client_secret_basic'],
      client_id_metadata_document_supported: true,
      service_documentation: 'http://forge.test/api/documentation',
    })
  })

  it.each(['/.well-known/oauth-authorization-server/pat', '/pat/.well-known/oauth-authorization-server'])(
    'is at %s for a forge below /pat, with the issuer that the address is made of',
    async (path) => {
      forge = await startForge({ mountPath: '/pat' })

      const answer = await get(path)

      expect(answer.statusCode).toBe(200)
      expect(answer.json()).toMatchObject({
        issuer: 'http://forge.test/pat',
        token_endpoint: 'http://forge.test/pat/oauth/token',
      })
    },
  )

  it('is not at the root of a server that has its forge below a path', async () => {
    forge = await startForge({ mountPath: '/pat' })

    expect((await get('/.well-known/oauth-authorization-server')).statusCode).toBe(404)
  })
})
