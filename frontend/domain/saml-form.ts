import type { SamlSettings } from '@contract/saml.ts'

import { readIdpMetadata } from './saml-metadata.ts'

/** What a SAML provider has of its own, as it is typed in. */
export interface SamlForm {
  entityId: string
  ssoUrl: string
  /** PEM, one below the other. */
  certificates: string
  email: string
  name: string
  username: string
  groups: string
  trustEmail: boolean
}

export function emptySamlForm(): SamlForm {
  return {
    entityId: '',
    ssoUrl: '',
    certificates: '',
    email: 'email',
    name: 'name',
    username: 'username',
    groups: 'groups',
    trustEmail: false,
  }
}

export function samlFormOf({ attributes, certificates, ...saml }: SamlSettings): SamlForm {
  return { ...saml, ...attributes, certificates: certificates.map((pem) => pem.trim()).join('\n\n') }
}

export function samlInputOf({ entityId, ssoUrl, certificates, trustEmail, ...attributes }: SamlForm): SamlSettings {
  const { email, name, username, groups } = attributes
  return {
    entityId: entityId.trim(),
    ssoUrl: ssoUrl.trim(),
    certificates: splitCertificates(certificates),
    attributes: { email: email.trim(), name: name.trim(), username: username.trim(), groups: groups.trim() },
    trustEmail,
  }
}

/** The form with what the provider says of itself. @throws {SyntaxError} with a sentence about what is wrong with it */
export function withMetadata(form: SamlForm, xml: string): SamlForm {
  const { entityId, ssoUrl, certificates } = readIdpMetadata(xml)
  return { ...form, entityId, ssoUrl, certificates: certificates.join('\n\n') }
}

/** Each from its first line to its last; what has none of these lines is separated by empty ones. */
function splitCertificates(text: string): string[] {
  const blocks = text.match(/-----BEGIN [^]*?-----END [^-]*-----/g) ?? text.split(/\n\s*\n/)
  return blocks.map((block) => block.trim()).filter(Boolean)
}
