import type { Provider, ProviderInput, ProviderType } from '@contract/sso.ts'
import { t } from '../messages/messages.ts'
import { emptyOidcForm, oidcFormOf, oidcInputOf, type OidcForm } from './oidc-form.ts'
import { emptySamlForm, samlFormOf, samlInputOf, type SamlForm } from './saml-form.ts'
import { emptyLdapForm, ldapFormOf, ldapInputOf, type LdapForm } from './ldap-form.ts'
import { lines, words } from './typed-lists.ts'

/** A provider as it is typed in: lists are lines. What each type has of its own stands under its key. */
export interface ProviderForm {
  type: ProviderType
  name: string
  enabled: boolean
  domains: string
  teams: string
  prefix: string
  suffix: string
  custom: string
  provisionUsers: boolean
  exposeGroups: boolean
  oidc: OidcForm
  saml: SamlForm
  ldap: LdapForm
}

/** The types that there are, to choose from. */
export const PROVIDER_TYPES: readonly { key: ProviderType; label: string; about: string }[] = [
  { key: 'oidc', label: t.providerTypes.oidc, about: t.providerTypes.aboutOidc },
  { key: 'saml', label: t.providerTypes.saml, about: t.providerTypes.aboutSaml },
  { key: 'ldap', label: t.providerTypes.ldap, about: t.providerTypes.aboutLdap },
]

export function emptyProviderForm(): ProviderForm {
  return {
    type: 'oidc',
    name: '',
    enabled: false,
    domains: '',
    teams: '',
    prefix: '',
    suffix: '',
    custom: '',
    provisionUsers: true,
    exposeGroups: false,
    oidc: emptyOidcForm(),
    saml: emptySamlForm(),
    ldap: emptyLdapForm(),
  }
}

export function formOf(provider: Provider): ProviderForm {
  const { name, enabled, domains, teams, groups, provisionUsers, exposeGroups } = provider
  const common = {
    ...emptyProviderForm(),
    name,
    enabled,
    domains: domains.join('\n'),
    teams: teams.join('\n'),
    prefix: groups.prefix,
    suffix: groups.suffix,
    custom: groups.custom.map(writeRule).join('\n'),
    provisionUsers,
    exposeGroups,
  }
  switch (provider.type) {
    case 'oidc':
      return { ...common, type: provider.type, oidc: oidcFormOf(provider.oidc) }
    case 'saml':
      return { ...common, type: provider.type, saml: samlFormOf(provider.saml) }
    case 'ldap':
      return { ...common, type: provider.type, ldap: ldapFormOf(provider.ldap) }
  }
}

type Rule = ProviderInput['groups']['custom'][number]

const writeRule = ({ group, team, application, role }: Rule): string =>
  `${group} = ${team}${application === undefined ? '' : `[${application}]`}: ${role}`

/** @throws {SyntaxError} with a sentence about the first line that says nothing */
function readRule(line: string): Rule {
  const [, group, team, application, role] =
    /^(.+?)\s*=\s*([a-z0-9-]+)(?:\[(.+)\])?:\s*(none|dashboard|viewer|member|owner)$/.exec(line) ?? []
  if (!group || !team || !role) {
    throw new SyntaxError(t.ssoWords.isNoRule(line))
  }
  return { group, team, ...(application ? { application } : {}), role: role as Rule['role'] }
}

/** What the form says, for the forge. @throws {SyntaxError} */
export function inputOf(form: ProviderForm): ProviderInput {
  const common = {
    name: form.name,
    enabled: form.enabled,
    domains: words(form.domains).map((domain) => domain.toLowerCase()),
    teams: words(form.teams),
    groups: { prefix: form.prefix, suffix: form.suffix, custom: lines(form.custom).map(readRule) },
    provisionUsers: form.provisionUsers,
    exposeGroups: form.exposeGroups,
  }
  const { type } = form
  switch (type) {
    case 'oidc':
      return { type, ...common, oidc: oidcInputOf(form.oidc) }
    case 'saml':
      return { type, ...common, saml: samlInputOf(form.saml) }
    case 'ldap':
      return { type, ...common, ldap: ldapInputOf(form.ldap) }
  }
}

/** Where a provider is, in a word. */
export function placeOf(provider: Provider): string {
  switch (provider.type) {
    case 'oidc':
      return provider.oidc.issuer
    case 'saml':
      return provider.saml.entityId
    case 'ldap':
      return provider.ldap.url
  }
}
