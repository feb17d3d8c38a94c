import { afterAll, beforeAll, beforeEach } from 'vitest'

import type { IssuedScimToken } from '../../../../../forge/contract/scim.ts'
import type { ProviderInputOf, ProviderOf } from '../../../../../forge/contract/sso.ts'
import type { Dialect } from '../../../../support/database.ts'
import { createTeam, createUser, openBrowser, type Browser, type TestUser } from '../../../../support/builders.ts'
import { startForge, type TestForge, type TestForgeOptions } from '../../../../support/forge.ts'
import { providerInput } from '../samples.ts'
import { useSsoWorld, type SsoWorld } from '../scene.ts'

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Told {
  id: string
  userName: string
  active: boolean
  externalId?: string
  displayName: string
  members?: { value: string; display: string; $ref: string }[]
  groups?: { value: string; display: string }[]
  emails?: { value: string; type?: string; primary?: boolean }[]
  meta: { version: string; location: string }
}

export interface ScimAnswer {
  status: number
  type: string
  headers: Record<string, unknown>
  body: Told & {
    schemas: string[]
    scimType?: string
    detail?: string
    totalResults: number
    itemsPerPage: number
    Resources: Told[]
  }
}

/** What a provider says, with its own token. */
export interface Speech {
  token: string
  /** @param headers in the place of the provider's own */
  scim(method: Method, path: string, body?: unknown, headers?: Record<string, string>): Promise<ScimAnswer>
  patch(path: string, ...operations: object[]): Promise<ScimAnswer>
  /** A person, as Okta tells of one. @returns what was answered */
  tell(name: string, change?: object): Promise<ScimAnswer>
  tellGroup(displayName: string, members?: string[]): Promise<ScimAnswer>
}

/** The world of single sign-on, whose provider has a SCIM token. */
export type ScimWorld = SsoWorld & Speech

export function useScimWorld(dialect: Dialect, options: Pick<TestForgeOptions, 'listen'> = {}): ScimWorld {
  const world = useSsoWorld(dialect, {}, options) as ScimWorld
  beforeEach(async () => {
    Object.assign(world, await speakAs(world.forge, world.admin, world.provider.id, 'acme.example'))
  })
  return world
}

export interface ScimForge extends Speech {
  forge: TestForge
  admin: Browser
  provider: ProviderOf<'oidc'>
  /** The provider's only one. */
  domain: string
  team: { id: string; name: string; slug: string }
  owner: TestUser
}

/** One forge for all tests of a file, and for each a provider of its own with a domain and a team; nobody signs in. */
export function useScimForge(dialect: Dialect = 'sqlite'): ScimForge {
  const world = {} as ScimForge
  let count = 0

  beforeAll(async () => {
    world.forge = await startForge({ dialect })
    world.admin = await openBrowser(world.forge, world.forge.admin)
  })
  beforeEach(async () => {
    const domain = `p${++count}.example`
    const owner = await createUser(world.forge)
    const team = await createTeam(world.forge, { slug: `line-${count}`, owner })
    const provider = await addProvider(world.admin, {
      name: `Provider ${count}`,
      domains: [domain],
      teams: [team.slug],
    })
    Object.assign(world, { domain, owner, team, provider })
    Object.assign(world, await speakAs(world.forge, world.admin, provider.id, domain))
  })
  afterAll(() => world.forge.close())
  return world
}

export async function addProvider(
  admin: Browser,
  change: Partial<ProviderInputOf<'oidc'>>,
): Promise<ProviderOf<'oidc'>> {
  const answer = await admin('POST', '/api/v1/sso/providers', providerInput(change))
  if (answer.statusCode !== 201) throw new Error(answer.body)
  return answer.json<ProviderOf<'oidc'>>()
}

/** Gives a provider a SCIM token. */
export async function speakAs(forge: TestForge, admin: Browser, providerId: string, domain: string): Promise<Speech> {
  const issued = await admin('POST', `/api/v1/sso/providers/${providerId}/scim/token`)
  const { token } = issued.json<IssuedScimToken>()
  const scim = scimOf(forge, token)

  return {
    token,
    scim,
    patch: (path, ...operations) => scim('PATCH', path, { schemas: [PATCH], Operations: operations }),
    tell: (name, more = {}) => scim('POST', '/Users', person(`${name}@${domain}`, more)),
    tellGroup: (displayName, members = []) =>
      scim('POST', '/Groups', { schemas: [GROUP], displayName, members: members.map((value) => ({ value })) }),
  }
}

export function person(email: string, change: object = {}): object {
  const [name = ''] = email.split('@')
  return {
    schemas: [USER],
    userName: email,
    externalId: `${name}-1`,
    name: { givenName: name, familyName: 'Arnold' },
    emails: [{ value: email, type: 'work', primary: true }],
    active: true,
    ...change,
  }
}

function scimOf(forge: TestForge, token: string): Speech['scim'] {
  return async (method, path, body, headers = { authorization: `Bearer ${token}` }) => {
    const answer = await forge.app.inject({
      method,
      url: `${forge.url}/scim/v2${path}`,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }), ...headers },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    return {
      status: answer.statusCode,
      type: String(answer.headers['content-type'] ?? ''),
      headers: answer.headers,
      body: answer.body === '' ? ({} as ScimAnswer['body']) : answer.json<ScimAnswer['body']>(),
    }
  }
}
