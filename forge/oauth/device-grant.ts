import type { TokenRequest, TokenResponse } from '../contract/oauth.ts'
import { ForgeError, type ErrorCode } from '../errors/forge-error.ts'
import { mintToken, type Minting } from '../tokens/create-token.ts'
import type { TokenStore } from '../tokens/store.ts'
import type { Clients } from './clients.ts'
import type { DeviceCode, DeviceCodes } from './device-codes.ts'
import { scopeOf } from './scopes.ts'
import { withinTeam } from './within-team.ts'

export interface DeviceGrant {
  store: TokenStore
  clients: Clients
  codes: DeviceCodes
}

/**
 * One poll (RFC 8628 section 3.4). The token is minted here and not when the person agrees: until somebody comes for it
 * there is nothing to keep secret, and what the person may do is looked at once more.
 * @throws {ForgeError} invalid_request, invalid_grant, expired_token, slow_down, authorization_pending, access_denied
 */
export async function redeemDeviceCode(grant: DeviceGrant, request: TokenRequest): Promise<TokenResponse> {
  const { device_code: deviceCode, client_id: clientId } = request
  if (deviceCode === undefined) throw new ForgeError('invalid_request', 'device_code is missing.')
  if (clientId === undefined) throw new ForgeError('invalid_request', 'client_id is missing.')

  const now = new Date()
  const code = await grant.codes.findByDevice(deviceCode)
  if (!code || code.clientId !== clientId || code.state === 'redeemed') throw noSuchCode()
  if (code.expiresAt <= now.getTime()) throw new ForgeError('expired_token', 'This code has expired. Begin anew.')
  if (!(await grant.codes.mayPoll(code.id, now))) {
    throw new ForgeError('slow_down', 'Wait five seconds longer between two polls from now on.')
  }

  if (code.state === 'denied') throw new ForgeError('access_denied', 'The person has said no.')
  if (code.state === 'pending') throw new ForgeError('authorization_pending', 'The person has not decided yet.')
  return mint(grant, code, now)
}

const noSuchCode = () => new ForgeError('invalid_grant', 'There is no such device code, or it was used already.')

async function mint(grant: DeviceGrant, code: DeviceCode, now: Date): Promise<TokenResponse> {
  const { store, codes } = grant
  const { approval } = code
  if (!approval) throw noSuchCode() // redeemed since it was read

  try {
    await checkStanding(grant, code)
    const { text } = await mintToken(store, approval.actor, approval.token, mintingOf(codes, code, now))
    return respond(text, approval.token, now)
  } catch (error) {
    if (!(error instanceof ForgeError) || !REFUSALS.includes(error.code)) throw error
    await codes.move(code.id, { from: 'approved', to: 'denied', now })
    throw new ForgeError('access_denied', error.message)
  }
}

/** What the person may no longer have since they agreed; asking again helps nobody. */
const REFUSALS: readonly ErrorCode[] = [
  'forbidden',
  'invalid_client',
  'invalid_expiry',
  'not_found',
  'policy_refused',
  'reason_required',
  'role_too_high',
  'sso_required',
  'too_many_tokens',
]

/** @throws {ForgeError} forbidden, invalid_client */
async function checkStanding({ store, clients }: DeviceGrant, { approval, clientId }: DeviceCode): Promise<void> {
  const [person] = await store.directory.people([approval?.actor.userId ?? ''])
  if (!person || person.suspended) throw new ForgeError('forbidden', 'The person who agreed is not here any more.')
  await clients.check(clientId)
}

function mintingOf(codes: DeviceCodes, code: DeviceCode, now: Date): Minting {
  return {
    issuance: { via: 'device', to: { id: code.clientId, name: code.clientName } },
    within: (targets) => withinTeam(targets, code.clientTeamId),
    // Of many polls at once one gets the token.
    async claim(transaction) {
      if (!(await codes.move(code.id, { from: 'approved', to: 'redeemed', now }, transaction))) throw noSuchCode()
    },
  }
}

function respond(text: string, { expiresAt, readOnly }: { expiresAt: string | null; readOnly: boolean }, now: Date) {
  const seconds = expiresAt === null ? null : Math.floor((Date.parse(expiresAt) - now.getTime()) / 1000)
  return {
    access_token: text,
    token_type: 'Bearer' as const,
    ...(seconds === null ? {} : { expires_in: seconds }),
    scope: scopeOf({ readOnly }),
  }
}
