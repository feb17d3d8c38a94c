import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose'

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>

/** A provider that says whatever a test wants: what an attacker would like to be able to say. */
export interface ForgedIdp {
  issuer: string
  clientId: string
  /** Its own key, which the forge believes. */
  keys: KeyPair
  /** A key that nobody has heard of. */
  otherKeys: KeyPair
  /** What the next code is exchanged for. */
  idToken: string
  userinfo: object
  metadata: Record<string, unknown>
  /** Never answers while it is true. */
  silent: boolean
  sign(
    claims: JWTPayload,
    header?: { alg?: string; typ?: string },
    key?: KeyPair['privateKey'] | Uint8Array,
  ): Promise<string>
  stop(): Promise<void>
}

export async function createForgedIdp(): Promise<ForgedIdp> {
  const [keys, otherKeys] = [await generateKeyPair('RS256'), await generateKeyPair('RS256')]
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }
  const server = createServer((request, response) => respond(request, response))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const idp: ForgedIdp = {
    issuer,
    clientId: 'forge',
    keys,
    otherKeys,
    idToken: '',
    userinfo: {},
    metadata: {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/userinfo`,
      jwks_uri: `${issuer}/jwks`,
      authorization_response_iss_parameter_supported: true,
      id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
      token_endpoint_auth_methods_supported: ['client_secret_post'],
    },
    silent: false,
    sign: (claims, header = {}, key = keys.privateKey) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one', ...header }).sign(key),
    stop: () => stop(server),
  }

  const respond = (request: IncomingMessage, response: ServerResponse) => {
    if (idp.silent) return
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(answerTo(idp, request.url ?? '', jwk)))
  }
  return idp
}

function answerTo(idp: ForgedIdp, url: string, jwk: object): object {
  if (url.startsWith('/.well-known/')) return idp.metadata
  if (url === '/jwks') return { keys: [jwk] }
  if (url === '/userinfo') return idp.userinfo
  return { access_token: 'an-access-token', token_type: 'Bearer', id_token: idp.idToken }
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise<void>((resolve) => void server.close(() => resolve()))
}
