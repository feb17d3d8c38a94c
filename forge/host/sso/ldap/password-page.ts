import type { Wish } from '../flow.ts'
import type { ProviderRow } from '../model.ts'
import type { Sso } from '../sso.ts'

/** Where a person types their password of a directory; whoever tries the provider does so on its own page. */
export function passwordPage({ baseUrl }: Sso, { id }: ProviderRow, { purpose, returnTo }: Wish): string {
  if (purpose === 'test') return `${baseUrl}/single-sign-on/${id}`
  return `${baseUrl}/login/${id}?${new URLSearchParams({ return: returnTo }).toString()}`
}
