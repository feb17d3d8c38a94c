import type { ProviderRow } from '../model.ts'
import type { Sso } from '../sso.ts'

/** What a provider has to be told of this forge. */
export interface SamlAddresses {
  /** Names this forge, as the audience of assertions. */
  entityId: string
  /** Where assertions are sent to. */
  acs: string
  /** Where a provider can read both; it is the entity id, as is the custom. */
  metadata: string
}

export function samlAddresses({ baseUrl }: Pick<Sso, 'baseUrl'>, { id }: Pick<ProviderRow, 'id'>): SamlAddresses {
  const base = `${baseUrl}/account/sso/${id}`
  const metadata = `${base}/metadata`
  return { entityId: metadata, acs: `${base}/acs`, metadata }
}
