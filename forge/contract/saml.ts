import { Type, type Static } from '@sinclair/typebox'

import { DateTimeSchema } from './common.ts'

const closed = { additionalProperties: false }
const AttributeName = (description: string, example: string) =>
  Type.String({ minLength: 1, maxLength: 255, pattern: '^\\P{Cc}+$', description, examples: [example] })

/** How this forge is to understand a provider that speaks SAML 2.0. Nothing in it is a secret. */
export const SamlSettingsSchema = Type.Object(
  {
    entityId: Type.String({
      minLength: 1,
      maxLength: 500,
      pattern: '^[^\\s\\p{Cc}]+$',
      description: 'What the provider calls itself: the issuer of its assertions.',
      examples: ['http://www.okta.com/exk1fcia6d6EMsf331d8'],
    }),
    ssoUrl: Type.String({
      format: 'uri',
      maxLength: 1000,
      // https, or http on this machine.
      pattern:
        '^(https://[^\\s/?#@\\\\]+|http://(localhost|127\\.0\\.0\\.1|\\[::1\\])(:\\d+)?)(/[^\\s?#\\\\]*)?(\\?[^\\s#\\\\]*)?$',
      description: 'Where people are sent to sign in, by the HTTP-Redirect binding.',
      examples: ['https://acme.okta.com/app/exk1fcia6d6EMsf331d8/sso/saml'],
    }),
    certificates: Type.Array(
      Type.String({
        minLength: 100,
        maxLength: 10_000,
        pattern: '^[A-Za-z0-9+/=\\s-]+$',
        description: 'X.509, as PEM or as the base64 of it, with an RSA key of 2048 bits or more.',
        examples: ['-----BEGIN CERTIFICATE-----\nMIID…\n-----END CERTIFICATE-----'],
      }),
      {
        minItems: 1,
        maxItems: 5,
        description: 'Those that it may sign with: two, while it changes from one to another.',
      },
    ),
    attributes: Type.Object(
      {
        email: AttributeName('The e-mail address.', 'email'),
        name: AttributeName('The name to show.', 'displayName'),
        username: AttributeName('The user name that a new account is given.', 'username'),
        groups: AttributeName('The groups, one value each.', 'groups'),
      },
      { description: 'Names of attributes in its assertions.', ...closed },
    ),
    trustEmail: Type.Boolean({
      description:
        'Take e-mail addresses as verified without the attribute email_verified, which providers seldom send.',
      examples: [true],
    }),
  },
  closed,
)
export type SamlSettings = Static<typeof SamlSettingsSchema>

export const SamlAddressesSchema = Type.Object(
  { entityId: Type.String(), acs: Type.String(), metadata: Type.String() },
  { description: 'What the provider has to be told: who asks, where its answers go, and where it can read both.' },
)

/** What the page says about a certificate. */
export const SamlCertificateSchema = Type.Object({
  subject: Type.String(),
  validTo: DateTimeSchema,
  sha256: Type.String({ description: 'Fingerprint, in hexadecimal with colons.' }),
})
export type SamlCertificate = Static<typeof SamlCertificateSchema>
