/**
 * Scenarios about authorization that do not apply, and why. The test runs them all the same: one that begins to pass
 * has to leave this list, and one that is new to the suite has to be looked at.
 */
const NO_AUTHORIZATION_CODE =
  'wants the authorization code grant in a browser; here a program gets its token by the device grant or from the page'

/** Of the authorization server that the forge is. */
export const NOT_OURS_AS_SERVER: Record<string, { reason: string; error: string }> = {
  'authorization-server-metadata-endpoint': {
    reason:
      'wants what RFC 8414 section 2 asks for only where a grant uses an authorization endpoint; no grant of ours does, ' +
      'so there are neither response types nor challenge methods',
    error: ['authorization_endpoint', 'response_types_supported', 'code_challenge_methods_supported']
      .map((claim) => `Response body does not include valid "${claim}" claim`)
      .join(', '),
  },
  'authorization-code-grant': { reason: NO_AUTHORIZATION_CODE, error: 'Invalid authorization server metadata' },
}

/** Of the client that the command is (`forge-pat bridge`). */
export const NOT_OURS_AS_CLIENT: Record<string, string> = {
  'auth/metadata-default': NO_AUTHORIZATION_CODE,
  'auth/metadata-var1': NO_AUTHORIZATION_CODE,
  'auth/metadata-var2': NO_AUTHORIZATION_CODE,
  'auth/metadata-var3': NO_AUTHORIZATION_CODE,
  'auth/basic-cimd': `${NO_AUTHORIZATION_CODE}; the command is known to every forge without a document`,
  'auth/scope-from-www-authenticate': NO_AUTHORIZATION_CODE,
  'auth/scope-from-scopes-supported': NO_AUTHORIZATION_CODE,
  'auth/scope-omitted-when-undefined': NO_AUTHORIZATION_CODE,
  'auth/scope-step-up':
    'wants a new token in the middle of a call; a person decides here what a token may do, not a client',
  'auth/scope-retry-limit': 'limits what the command never does: it asks for no other token by itself',
  'auth/token-endpoint-auth-basic': `${NO_AUTHORIZATION_CODE}; public clients alone, without a secret`,
  'auth/token-endpoint-auth-post': `${NO_AUTHORIZATION_CODE}; public clients alone, without a secret`,
  'auth/token-endpoint-auth-none': NO_AUTHORIZATION_CODE,
  'auth/pre-registration': `${NO_AUTHORIZATION_CODE}; public clients alone, without a secret`,
}
