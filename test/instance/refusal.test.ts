import { describe, expect, it } from 'vitest'

import { formatChallenge, tokenRequired, unauthorized } from '../../instance/refusal.ts'

const TARGET = { scope: 'mcp:read', metadata: 'https://line3.example/.well-known/oauth-protected-resource/mcp' }

describe('RFC 6750 section 3', () => {
  it('quotes every attribute', () => {
    expect(formatChallenge({ error: 'invalid_token', scope: 'mcp:read mcp:write' })).toBe(
      'Bearer error="invalid_token", scope="mcp:read mcp:write"',
    )
  })

  it('lets no character out of the quotes', () => {
    expect(formatChallenge({ error_description: 'a "b" \\ c\r\nSet-Cookie: x=y é' })).toBe(
      'Bearer error_description="a ?b? ? c??Set-Cookie: x=y ?"',
    )
  })

  it('challenges a request without a credential without an error', () => {
    expect(tokenRequired(TARGET).headers).toEqual({
      'www-authenticate':
        'Bearer scope="mcp:read", resource_metadata="https://line3.example/.well-known/oauth-protected-resource/mcp"',
    })
  })

  it('names the error where there was a credential', () => {
    expect(unauthorized(TARGET, 'Copy it again.').headers?.['www-authenticate']).toMatch(
      /^Bearer error="invalid_token", error_description="Copy it again\.", scope="mcp:read", resource_metadata=/,
    )
  })
})
