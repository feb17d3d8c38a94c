import type { ProviderRow } from '../model.ts'
import type { Sso } from '../sso.ts'

/** What an OpenID provider has to be told of this forge. */
export function oidcAddresses({ baseUrl }: Pick<Sso, 'baseUrl'>, { id }: Pick<ProviderRow, 'id'>) {
  return {
    redirect: `${baseUrl}/account/sso/${id}/callback`,
    backchannelLogout: `${baseUrl}/account/sso/${id}/backchannel-logout`,
    signedOut: `${baseUrl}/login`,
  }
}
