import { Type, type SchemaOptions, type Static, type TObject } from '@sinclair/typebox'

import { DateTimeSchema, IdSchema, NameSchema } from './common.ts'
import { SlugSchema } from './host.ts'
import { LdapCheckSchema, LdapInputSchema, LdapSettingsSchema } from './ldap.ts'
import { OidcAddressesSchema, OidcInputSchema, OidcSettingsSchema } from './oidc.ts'
import { OverrideRoleSchema } from './role.ts'
import { SamlAddressesSchema, SamlCertificateSchema, SamlSettingsSchema } from './saml.ts'
import { RequiredText, Text } from './text.ts'

const closed = { additionalProperties: false }

// ---- groups -------------------------------------------------------------------------------------------------------

/** One group that has a meaning of its own, whatever it is called. */
export const CustomGroupSchema = Type.Object(
  {
    group: RequiredText(255, 'Maintenance'),
    team: SlugSchema,
    application: Type.Optional(RequiredText(100, 'Packaging')),
    role: OverrideRoleSchema,
  },
  closed,
)

export const GroupMappingSchema = Type.Object(
  {
    prefix: Text(100, 'acme-'),
    suffix: Text(100, ''),
    custom: Type.Array(CustomGroupSchema, { maxItems: 200, examples: [[]] }),
  },
  {
    description: 'How groups become roles: `ff-<team-slug>-<role>` and `ff-<team-slug>[<application>]-<role>`.',
    ...closed,
  },
)
export type GroupMapping = Static<typeof GroupMappingSchema>

// ---- providers ----------------------------------------------------------------------------------------------------

const common = {
  name: NameSchema(100, 'Okta'),
  enabled: Type.Boolean({ examples: [true] }),
  domains: Type.Array(
    Type.String({ pattern: '^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])?$', maxLength: 253 }),
    {
      minItems: 1,
      maxItems: 100,
      uniqueItems: true,
      description: 'The e-mail domains that it vouches for; each belongs to one provider.',
      examples: [['acme.example']],
    },
  ),
  teams: Type.Array(SlugSchema, {
    maxItems: 1000,
    uniqueItems: true,
    description: 'Slugs of the teams that are reached through it alone, and whose roles its groups give.',
    examples: [[]],
  }),
  groups: GroupMappingSchema,
  provisionUsers: Type.Boolean({ description: 'Whoever signs in first gets an account.', examples: [true] }),
  exposeGroups: Type.Boolean({
    description: 'Instances are told the groups of a person that concern their team.',
    examples: [false],
  }),
}

/**
 * One of several forms, told apart by `type`; what is wrong is said of the form that was meant. In OpenAPI, `oneOf` with a
 * discriminator.
 */
function byType<Forms extends TObject[]>(forms: [...Forms], options: SchemaOptions = {}) {
  const discriminator = { propertyName: 'type' }
  const schema = { type: 'object', required: ['type'], discriminator, oneOf: forms, ...options }
  return Type.Unsafe<Static<Forms[number]>>(schema)
}

const OidcProviderInputSchema = Type.Object({ type: Type.Literal('oidc'), ...common, oidc: OidcInputSchema }, closed)
const SamlProviderInputSchema = Type.Object({ type: Type.Literal('saml'), ...common, saml: SamlSettingsSchema }, closed)
const LdapProviderInputSchema = Type.Object({ type: Type.Literal('ldap'), ...common, ldap: LdapInputSchema }, closed)

export const ProviderInputSchema = byType([OidcProviderInputSchema, SamlProviderInputSchema, LdapProviderInputSchema], {
  $id: 'SsoProviderInput',
})
export type ProviderInput = Static<typeof ProviderInputSchema>

const fileId = { id: Type.String({ pattern: '^[0-9a-z][0-9a-z-]{0,35}$' }) }
const inFile = <Form extends TObject>(form: Form) => Type.Composite([Type.Object(fileId), form], closed)

/** What the file of providers holds. */
export const ProvidersFileSchema = Type.Object(
  {
    providers: Type.Array(
      byType([inFile(OidcProviderInputSchema), inFile(SamlProviderInputSchema), inFile(LdapProviderInputSchema)]),
    ),
  },
  closed,
)
export type ProvidersFile = Static<typeof ProvidersFileSchema>

/**
 * What the last trial said: the claims, and what would come of them. Nobody was signed in. Without a name of its own, since
 * it stands in each form of a provider.
 */
export const ProviderTestSchema = Type.Object({
  at: DateTimeSchema,
  error: Type.Union([Type.String(), Type.Null()]),
  detail: Type.Optional(Type.String({ description: 'What the provider or the system says of the error.' })),
  claims: Type.Record(Type.String(), Type.Unknown()),
  person: Type.Union([
    Type.Object({
      username: Type.String(),
      name: Type.String(),
      email: Type.Union([Type.String(), Type.Null()]),
      emailVerified: Type.Boolean(),
      account: Type.Union(
        [Type.Literal('linked'), Type.Literal('by_email'), Type.Literal('new'), Type.Literal('refused')],
        { description: 'Known already, found by e-mail, to be created, or turned away.' },
      ),
    }),
    Type.Null(),
  ]),
  groups: Type.Array(Type.String()),
  roles: Type.Array(
    Type.Object({
      team: Type.String(),
      application: Type.Union([Type.String(), Type.Null()]),
      role: OverrideRoleSchema,
    }),
  ),
  ignored: Type.Array(Type.String(), { description: 'Groups that mean nothing here.' }),
})
export type ProviderTest = Static<typeof ProviderTestSchema>

const shown = {
  id: IdSchema,
  name: Type.String(),
  enabled: Type.Boolean(),
  source: Type.Union([Type.Literal('page'), Type.Literal('file')]),
  domains: Type.Array(Type.String()),
  teams: Type.Array(Type.String()),
  groups: GroupMappingSchema,
  provisionUsers: Type.Boolean(),
  exposeGroups: Type.Boolean(),
  lastTest: Type.Union([ProviderTestSchema, Type.Null()]),
  createdAt: DateTimeSchema,
}

export const ProviderSchema = Type.Union(
  [
    Type.Object({
      type: Type.Literal('oidc'),
      ...shown,
      oidc: OidcSettingsSchema,
      hasSecret: Type.Boolean(),
      addresses: OidcAddressesSchema,
    }),
    Type.Object({
      type: Type.Literal('saml'),
      ...shown,
      saml: SamlSettingsSchema,
      certificates: Type.Array(SamlCertificateSchema, {
        description: 'Those of the settings, as people tell them apart.',
      }),
      addresses: SamlAddressesSchema,
    }),
    Type.Object({
      type: Type.Literal('ldap'),
      ...shown,
      ldap: LdapSettingsSchema,
      hasSecret: Type.Boolean(),
      lastCheck: Type.Union([LdapCheckSchema, Type.Null()]),
    }),
  ],
  { $id: 'SsoProvider' },
)
export type Provider = Static<typeof ProviderSchema>
export type ProviderType = Provider['type']

/** Of one type. */
export type ProviderOf<Type extends ProviderType> = Extract<Provider, { type: Type }>
export type ProviderInputOf<Type extends ProviderType> = Extract<ProviderInput, { type: Type }>

export const ProviderListSchema = Type.Object({ count: Type.Integer(), providers: Type.Array(ProviderSchema) })
export type ProviderList = Static<typeof ProviderListSchema>

// ---- sign-in ------------------------------------------------------------------------------------------------------

export const FindProviderSchema = Type.Object(
  { email: Type.String({ minLength: 3, maxLength: 254, pattern: '^\\P{Cc}+$', examples: ['alice@acme.example'] }) },
  { $id: 'FindProvider', ...closed },
)
export type FindProvider = Static<typeof FindProviderSchema>

/** Says whether a domain has a provider, and nothing about people. */
export const FoundProviderSchema = Type.Object(
  {
    provider: Type.Union([
      Type.Object({
        id: IdSchema,
        name: Type.String(),
        signInUrl: Type.String(),
        asksForPassword: Type.Boolean({ description: 'The browser stays here, and the person types their password.' }),
      }),
      Type.Null(),
    ]),
  },
  { $id: 'FoundProvider' },
)
export type FoundProvider = Static<typeof FoundProviderSchema>

/** Why the way through a provider ended on the sign-in page; the page has the words. */
export const SsoProblemSchema = Type.Union([
  Type.Literal('provider_unavailable'),
  Type.Literal('denied'),
  Type.Literal('expired'),
  Type.Literal('invalid_answer'),
  Type.Literal('email_not_verified'),
  Type.Literal('foreign_domain'),
  Type.Literal('account_taken'),
  Type.Literal('no_account'),
  Type.Literal('suspended'),
  Type.Literal('groups_missing'),
  Type.Literal('disabled'),
])
export type SsoProblem = Static<typeof SsoProblemSchema>
