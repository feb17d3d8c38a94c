import type { ProviderInputOf } from '../../../../../forge/contract/sso.ts'
import { keys } from './scene.ts'

/** A provider as an administrator would type it in. */
export function samlInput(change: Partial<ProviderInputOf<'saml'>> = {}): ProviderInputOf<'saml'> {
  return {
    type: 'saml',
    name: 'Acme',
    enabled: true,
    domains: ['acme.example'],
    teams: [],
    groups: { prefix: '', suffix: '', custom: [] },
    provisionUsers: true,
    exposeGroups: false,
    ...change,
    saml: {
      entityId: 'https://idp.acme.example/metadata',
      ssoUrl: 'https://idp.acme.example/sso',
      certificates: [keys.current.certificate],
      attributes: { email: 'email', name: 'name', username: 'username', groups: 'groups' },
      trustEmail: true,
      ...change.saml,
    },
  }
}
