import { generateServiceProviderMetadata, SAML } from '@node-saml/node-saml'

import type { SamlSettings } from '../../../contract/saml.ts'
import type { SamlAddresses } from './addresses.ts'
import type { Asked } from './response.ts'

const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'

/**
 * Where the browser goes to sign in: an AuthnRequest by the redirect binding (SAML Bindings 3.4). It asks for no format
 * of the NameID and no way of signing in: which ones there are is configured at the provider, and some refuse to be asked.
 * @param relayState comes back beside the response
 */
export async function authnRequestUrl(
  { entityId, ssoUrl, certificates }: SamlSettings,
  addresses: SamlAddresses,
  { requestId, reauthenticate, relayState }: Asked & { relayState: string },
): Promise<string> {
  const saml = new SAML({
    entryPoint: ssoUrl,
    idpIssuer: entityId,
    idpCert: certificates,
    issuer: addresses.entityId,
    callbackUrl: addresses.acs,
    generateUniqueId: () => requestId,
    identifierFormat: null,
    disableRequestedAuthnContext: true,
    forceAuthn: reauthenticate,
  })
  return saml.getAuthorizeUrlAsync(relayState, undefined, {})
}

/** What this forge says of itself (SAML Metadata 2.4.4). */
export function metadataXml({ entityId, acs }: SamlAddresses): string {
  return generateServiceProviderMetadata({
    issuer: entityId,
    callbackUrl: acs,
    identifierFormat: PERSISTENT,
    wantAssertionsSigned: true,
    // The same at each reading.
    generateUniqueId: () => 'forge',
  })
}
