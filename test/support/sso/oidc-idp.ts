import { createServer, type Server } from 'node:http'

import Provider, { type ClientMetadata } from 'oidc-provider'

import { freePort } from '../forge.ts'

export interface IdpAccount {
  email?: string
  emailVerified?: boolean
  name?: string
  username?: string
  groups?: string[]
}

/** A real OpenID provider; instead of a password it asks the test who sits in front of it. */
export interface OidcIdp {
  issuer: string
  clientId: string
  clientSecret: string
  accounts: Map<string, IdpAccount>
  /** Who signs in next; null refuses. */
  person: string | null
  amr: string[]
  provider: Provider
  /** Takes what the provider sends to the forge by itself. @returns the status */
  deliver(url: string, body: string): Promise<number>
  start(client: Partial<ClientMetadata>): Promise<void>
  stop(): Promise<void>
}

export async function createOidcIdp(): Promise<OidcIdp> {
  const port = await freePort()
  const issuer = `http://127.0.0.1:${port}`
  let server: Server | null = null

  const idp: OidcIdp = {
    issuer,
    clientId: 'forge',
    clientSecret: 'a-secret-that-only-the-two-know-0123456789',
    accounts: new Map(),
    person: null,
    amr: ['pwd', 'otp'],
    provider: undefined as unknown as Provider,
    deliver: async () => 500,

    async start(client) {
      const provider = createProvider(idp, client)
      idp.provider = provider
      server = createServer((request, response) => {
        if (request.url?.startsWith('/interaction/')) void interact(idp, request, response)
        else void provider.callback()(request, response)
      })
      await new Promise<void>((resolve) => void server?.listen(port, '127.0.0.1', resolve))
    },
    async stop() {
      server?.closeAllConnections()
      await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()))
      server = null
    },
  }
  return idp
}

function createProvider(idp: OidcIdp, client: Partial<ClientMetadata>): Provider {
  const { clientId, clientSecret, issuer } = idp
  return new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        response_types: ['code'],
        grant_types: ['authorization_code'],
        ...client,
      },
    ],
    claims: {
      openid: ['sub', 'sid', 'amr'],
      profile: ['name', 'preferred_username'],
      email: ['email', 'email_verified'],
      groups: ['groups'],
    },
    scopes: ['openid', 'profile', 'email', 'groups'],
    clientDefaults: { require_auth_time: true },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true },
    },
    fetch: async (url, options) => {
      const status = await idp.deliver(new Request(url).url, await new Response(options?.body ?? '').text())
      return new Response(null, { status })
    },
    cookies: { keys: ['a key of the test'] },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    async findAccount(_ctx, sub) {
      const account = idp.accounts.get(sub)
      if (!account) return undefined
      const { email, emailVerified = true, name, username, groups } = account
      return {
        accountId: sub,
        claims: async () => ({
          sub,
          ...(email === undefined ? {} : { email, email_verified: emailVerified }),
          ...(name === undefined ? {} : { name }),
          ...(username === undefined ? {} : { preferred_username: username }),
          ...(groups === undefined ? {} : { groups }),
        }),
      }
    },
    async loadExistingGrant(ctx) {
      const { oidc } = ctx
      if (!oidc.client || !oidc.session?.accountId) return undefined
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId })
      grant.addOIDCScope('openid profile email groups')
      await grant.save()
      return grant
    },
  })
}

type Handler = ReturnType<Provider['callback']>

async function interact(idp: OidcIdp, ...[request, response]: Parameters<Handler>): Promise<void> {
  const result =
    idp.person === null
      ? { error: 'access_denied', error_description: 'Not today.' }
      : { login: { accountId: idp.person, amr: idp.amr } }
  await idp.provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
}
