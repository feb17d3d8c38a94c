import { randomBytes } from 'node:crypto'

import type { CreatedToken, CreateToken } from '../../forge/contract/token.ts'
import { ROLE_LEVELS, type OverrideRole, type Role } from '../../forge/contract/role.ts'
import { createCredentials } from '../../forge/host/instances/credentials.ts'
import { startSession } from '../../forge/host/sessions/sessions.ts'
import { createPasswords } from '../../forge/host/users/passwords.ts'
import type { TestForge } from './forge.ts'

type WithStore = Pick<TestForge, 'store'>

export interface TestUser {
  id: string
  username: string
  name: string
  email: string
  password: string
}

/** Everybody's password: hashing one takes longer than most tests. */
export const PASSWORD = 'correct horse battery staple'
let passwordHash: Promise<string> | null = null

/** A person; user name, name and e-mail address fit each other. */
export async function createUser(
  { store }: WithStore,
  { username = unique('user'), admin = false }: { username?: string; admin?: boolean } = {},
): Promise<TestUser> {
  passwordHash ??= createPasswords().hash(PASSWORD)
  const name = username.charAt(0).toUpperCase() + username.slice(1)
  const email = `${username}@example.com`
  const { id } = await store.User.create({ username, name, email, admin, passwordHash: await passwordHash })
  return { id, username, name, email, password: PASSWORD }
}

/** Headers of a browser in which the person is signed in. */
export async function signIn({ app, store }: Pick<TestForge, 'app' | 'store'>, user: { id: string }) {
  const sid = await startSession(store, user.id, Date.now())
  return { cookie: `sid=${encodeURIComponent(app.signCookie(sid))}` }
}

export type Browser = Awaited<ReturnType<typeof openBrowser>>

/** A browser in which the person is signed in, or nobody: calls a path below the forge's address. */
export async function openBrowser(forge: Pick<TestForge, 'app' | 'store' | 'url'>, user?: { id: string }) {
  const headers = user ? await signIn(forge, user) : {}
  return (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, payload?: object) =>
    forge.app.inject({ method, url: forge.url + path, headers, ...(payload ? { payload } : {}) })
}

/** A team, with an owner where one is given. */
export async function createTeam(
  forge: WithStore,
  { slug = unique('team'), name = slug, owner }: { slug?: string; name?: string; owner?: { id: string } } = {},
): Promise<{ id: string; name: string; slug: string }> {
  const { id } = await forge.store.Team.create({ name, slug })
  if (owner) await addMember(forge, { team: { id }, user: owner, role: 'owner' })
  return { id, name, slug }
}

export async function addMember(
  { store }: WithStore,
  { team, user, role }: { team: { id: string }; user: { id: string }; role: Role },
): Promise<void> {
  await store.Member.create({ teamId: team.id, userId: user.id, roleLevel: ROLE_LEVELS[role] })
}

/** Replaces a member's role in one application. */
export async function setOverride(
  { store }: WithStore,
  { application, user, role }: { application: TestApplication; user: { id: string }; role: OverrideRole },
): Promise<void> {
  const { id: applicationId, teamId } = application
  await store.Override.upsert({ applicationId, teamId, userId: user.id, roleLevel: ROLE_LEVELS[role] })
}

export interface TestApplication {
  id: string
  name: string
  teamId: string
}

export async function createApplication(
  { store }: WithStore,
  { team, name = unique('application') }: { team: { id: string }; name?: string },
): Promise<TestApplication> {
  const { id } = await store.Application.create({ teamId: team.id, name })
  return { id, name, teamId: team.id }
}

export interface TestInstance {
  id: string
  name: string
  url: string
  teamId: string
  applicationId: string
  /** Its `fft_` text. */
  credential: string
}

/** An instance with a credential. */
export async function createInstance(
  { store, keys }: Pick<TestForge, 'store' | 'keys'>,
  {
    application,
    name = unique('instance'),
    url = `https://${name}.example.com`,
  }: { application: TestApplication; name?: string; url?: string },
): Promise<TestInstance> {
  const { id: applicationId, teamId } = application
  const { id } = await store.Instance.create({ applicationId, name, url })
  const someAdmin = { userId: '', username: '', sessionId: '', providerId: null, admin: true }
  const { credential } = await createCredentials(store, keys, fail).issue(someAdmin, id)
  return { id, name, url, teamId, applicationId, credential }
}

/** A token of the person, minted as the page does it: read-only, for the instance alone, unless the body says otherwise. */
export async function mintToken(
  forge: Pick<TestForge, 'app' | 'store' | 'url'>,
  { user, instance, ...body }: { user: { id: string }; instance: { id: string } } & Partial<CreateToken>,
): Promise<CreatedToken> {
  const payload: CreateToken = {
    name: 'a token',
    role: 'viewer',
    readOnly: true,
    grants: [{ type: 'instance', id: instance.id }],
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    ...body,
  }
  const url = `${forge.url}/api/v1/tokens`
  const answer = await forge.app.inject({ method: 'POST', url, headers: await signIn(forge, user), payload })
  if (answer.statusCode !== 201) throw new Error(`minting was answered ${answer.statusCode}: ${answer.body}`)
  return answer.json<CreatedToken>()
}

function unique(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`
}

function fail(error: unknown): never {
  throw error
}
