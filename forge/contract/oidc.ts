import { Type, type Static } from '@sinclair/typebox'

import { RequiredText, SecretText } from './text.ts'

const closed = { additionalProperties: false }

/** https, or http on this machine: what a provider says is believed only where nobody can change it on the way. */
export const IssuerSchema = Type.String({
  format: 'uri',
  maxLength: 500,
  pattern: '^(https://[^\\s/?#@\\\\]+|http://(localhost|127\\.0\\.0\\.1|\\[::1\\])(:\\d+)?)(/[^\\s?#\\\\]*)?$',
  examples: ['https://acme.okta.com'],
})

const settings = {
  issuer: IssuerSchema,
  clientId: RequiredText(255, 'forge'),
  scopes: Type.Array(Type.String({ pattern: '^[\\x21\\x23-\\x5B\\x5D-\\x7E]+$', maxLength: 100 }), {
    maxItems: 20,
    description: '`openid` is asked for in any case.',
    examples: [['profile', 'email', 'groups']],
  }),
  groupsClaim: RequiredText(200, 'groups'),
  trustEmail: Type.Boolean({
    description: 'Take e-mail addresses as verified without the claim email_verified, which some providers never send.',
    examples: [false],
  }),
}

export const OidcSettingsSchema = Type.Object(settings, closed)
export type OidcSettings = Static<typeof OidcSettingsSchema>

export const OidcInputSchema = Type.Object(
  {
    ...settings,
    clientSecret: Type.Optional(
      SecretText(
        1000,
        'Kept encrypted, and never shown. Left out: as it was, or none (a public client).',
        'what the provider gave out',
      ),
    ),
  },
  closed,
)
export type OidcInput = Static<typeof OidcInputSchema>

export const OidcAddressesSchema = Type.Object(
  { redirect: Type.String(), backchannelLogout: Type.String(), signedOut: Type.String() },
  { description: 'What the provider has to be told.' },
)
