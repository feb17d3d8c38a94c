import type { ProviderInputOf } from '../../../../forge/contract/sso.ts'

export const CLIENT_SECRET = 'the-secret-of-the-client-0123456789'

/** A provider as an administrator would type it in. */
export function providerInput(change: Partial<ProviderInputOf<'oidc'>> = {}): ProviderInputOf<'oidc'> {
  return {
    type: 'oidc',
    name: 'Okta',
    enabled: true,
    domains: ['acme.example'],
    teams: [],
    groups: { prefix: '', suffix: '', custom: [] },
    provisionUsers: true,
    exposeGroups: false,
    ...change,
    oidc: {
      issuer: 'https://acme.okta.example',
      clientId: 'forge',
      clientSecret: CLIENT_SECRET,
      scopes: ['profile', 'email'],
      groupsClaim: 'groups',
      trustEmail: false,
      ...change.oidc,
    },
  }
}
