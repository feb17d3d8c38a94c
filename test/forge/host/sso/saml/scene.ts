import type { SamlSettings } from '../../../../../forge/contract/saml.ts'
import { SsoRefusal } from '../../../../../forge/host/sso/refusal.ts'
import { readResponse } from '../../../../../forge/host/sso/saml/response.ts'
import { encode, responseXml, signXml, type Said, type Signing } from '../../../../support/sso/saml-messages.ts'
import { createSigningKey } from '../../../../support/sso/signing-key.ts'

export const NOW = Date.parse('2026-11-24T12:00:00.000Z')
export const IDP = 'https://idp.acme.example/saml'
const REQUEST_ID = '_request-1'
export const addresses = {
  entityId: 'https://forge.example/account/sso/okta/metadata',
  acs: 'https://forge.example/account/sso/okta/acs',
  metadata: 'https://forge.example/account/sso/okta/metadata',
}

/** The key of the provider, one that it will change to, and one that nobody has heard of. */
export const keys = { current: createSigningKey(), next: createSigningKey(), foreign: createSigningKey() }

export const settings: SamlSettings = {
  entityId: IDP,
  ssoUrl: 'https://idp.acme.example/sso',
  certificates: [keys.current.certificate],
  attributes: { email: 'email', name: 'name', username: 'username', groups: 'groups' },
  trustEmail: true,
}

export const said = (change: Partial<Said> = {}): Said => ({
  issuer: IDP,
  audience: addresses.entityId,
  destination: addresses.acs,
  recipient: addresses.acs,
  inResponseTo: REQUEST_ID,
  now: NOW,
  nameId: 'alice-1',
  attributes: { email: ['alice@acme.example'], groups: ['ff-line-4-member', 'everybody'] },
  ...change,
})

/** A response as the provider would sign it. */
export const signed = (change: Partial<Said> = {}, how: Partial<Signing> = {}) =>
  signXml(responseXml(said(change)), { key: keys.current, ...how })

/** What comes of a response: what it proves, or why it is refused. */
export async function read(
  xml: string,
  {
    change = {},
    reauthenticate = false,
    now = NOW,
    raw = false,
  }: {
    change?: Partial<SamlSettings>
    reauthenticate?: boolean
    now?: number
    /** It is what the form holds, rather than XML. */
    raw?: boolean
  } = {},
) {
  const asked = { requestId: REQUEST_ID, reauthenticate }
  const given = { settings: { ...settings, ...change }, addresses, asked, now }
  try {
    return await readResponse(raw ? xml : encode(xml), given)
  } catch (error) {
    if (!(error instanceof SsoRefusal)) throw error
    return { problem: error.problem, why: (error.cause as Error).message }
  }
}
