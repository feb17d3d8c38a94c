/** What a provider has to be told of this forge. */
export interface Addresses {
  /** Names this forge, as the audience of assertions; its metadata stands there. */
  entityId: string
  /** Where assertions are sent to. */
  acs: string
}

export function addressesOf(baseUrl: string, providerId: string): Addresses {
  const base = `${baseUrl}/account/sso/${providerId}`
  return { entityId: `${base}/metadata`, acs: `${base}/acs` }
}
