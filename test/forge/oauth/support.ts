import type { LightMyRequestResponse } from 'fastify'

import type { Introspection } from '../../../forge/contract/introspection.ts'
import type { ApproveDevice } from '../../../forge/contract/device.ts'
import { GRANTS, type TokenResponse } from '../../../forge/contract/oauth.ts'
import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  createUser,
  openBrowser,
  type Browser,
  type TestInstance,
  type TestUser,
} from '../../support/builders.ts'
import { startForge, type TestForge, type TestForgeOptions } from '../../support/forge.ts'

export interface OAuthScene {
  forge: TestForge
  alice: TestUser
  browser: Browser
  team: { id: string; name: string }
  /** Four instances of one application. */
  instances: [TestInstance, TestInstance, TestInstance, TestInstance]
  post: (path: string, form: Form, authorization?: string) => Promise<LightMyRequestResponse>
  /** A program begins to ask. */
  begin: (form?: Form) => Promise<{ device_code: string; user_code: string }>
  poll: (deviceCode: string, clientId?: string) => Promise<LightMyRequestResponse>
  approve: (userCode: string, body?: Partial<ApproveDevice>) => ReturnType<Browser>
  exchange: (subject: string, route: { from: TestInstance; to: TestInstance }, form?: Form) => Promise<Exchanged>
  introspect: (token: string, at: TestInstance) => Promise<Introspection>
}

export type Form = Record<string, string> | [string, string][]
export type Exchanged = { status: number } & Partial<TokenResponse> & { error?: string }

/** A forge with one person who is a member of a team that has four instances. */
export async function startOAuthScene(options: TestForgeOptions = {}): Promise<OAuthScene> {
  const forge = await startForge(options)
  const alice = await createUser(forge)
  const team = await createTeam(forge)
  await addMember(forge, { team, user: alice, role: 'member' })
  const application = await createApplication(forge, { team })
  const make = () => createInstance(forge, { application })
  const instances: OAuthScene['instances'] = [await make(), await make(), await make(), await make()]
  const browser = await openBrowser(forge, alice)

  const post: OAuthScene['post'] = (path, form, authorization) =>
    forge.app.inject({
      method: 'POST',
      url: forge.url + path,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...(authorization ? { authorization } : {}) },
      payload: new URLSearchParams(form).toString(),
    })

  return {
    forge,
    alice,
    browser,
    team,
    instances,
    post,
    begin: async (form = {}) =>
      (
        await post('/oauth/device_authorization', Array.isArray(form) ? form : { client_id: 'forge-pat', ...form })
      ).json(),
    poll: (deviceCode, clientId = 'forge-pat') =>
      post('/oauth/token', { grant_type: GRANTS.device, device_code: deviceCode, client_id: clientId }),
    approve: (userCode, body = {}) =>
      browser('POST', '/api/v1/device/approve', {
        userCode,
        name: 'my terminal',
        role: 'viewer',
        readOnly: true,
        grants: [{ type: 'instance', id: instances[0].id }],
        expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
        ...body,
      }),
    exchange: async (subject, { from, to }, form = {}) => {
      const answer = await post(
        '/oauth/token',
        {
          grant_type: GRANTS.exchange,
          subject_token: subject,
          subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          resource: to.url,
          ...(form as Record<string, string>),
        },
        `Bearer ${from.credential}`,
      )
      return { status: answer.statusCode, ...answer.json<Omit<Exchanged, 'status'>>() }
    },
    introspect: async (token, at) =>
      (await post('/oauth/introspect', { token }, `Bearer ${at.credential}`)).json<Introspection>(),
  }
}
