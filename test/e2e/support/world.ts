import { randomBytes } from 'node:crypto'

import { test as base, expect, request, type APIRequestContext, type Page } from '@playwright/test'

import type { Application, Instance, Team, User } from '../../../forge/contract/host.ts'
import type { Role } from '../../../forge/contract/role.ts'
import type { CreatedToken, CreateToken } from '../../../forge/contract/token.ts'
import { ADMIN } from './admin.ts'

export const PASSWORD = 'correct horse battery staple'
const DAY_MS = 86_400_000

/** A person in a team of their own, with one application and two instances. */
export interface World {
  person: User
  team: Team
  application: Application
  packer: Instance
  labeller: Instance
  /** The person's own calls to the API. */
  api: APIRequestContext
  mint(input?: Partial<CreateToken>): Promise<CreatedToken>
}

export interface Fixtures {
  /** Everything that the browser complained about: the pages must not give it a reason. */
  complaints: string[]
  /** Somebody who has just joined: no team, no token. */
  newcomer: User
  world: World
  /** The page, with the person of `world` signed in. */
  signedIn: Page
}

export interface WorkerFixtures {
  admin: APIRequestContext
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  admin: [
    async ({}, use, { project }) => {
      const api = await signInByApi(String(project.use.baseURL), ADMIN.username, ADMIN.password)
      await use(api)
      await api.dispose()
    },
    { scope: 'worker' },
  ],

  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('console', (message) => {
        // A refused call is the forge's answer and each page's to show; everything else is a mistake.
        const isRefusedCall = message.text().startsWith('Failed to load resource')
        if (['error', 'warning'].includes(message.type()) && !isRefusedCall) complaints.push(message.text())
      })
      await use(complaints)
      expect(complaints).toEqual([])
    },
    { auto: true },
  ],

  newcomer: async ({ admin }, use) => {
    await use(await createPerson(admin))
  },

  world: async ({ admin, newcomer: person, baseURL }, use) => {
    const team = await create<Team>(admin, 'teams', { name: `Line ${unique()}` })
    await create(admin, `teams/${team.id}/members`, { user: person.username, role: 'member' })
    const application = await create<Application>(admin, 'applications', { teamId: team.id, name: 'Packaging' })
    const packer = await createInstance(admin, application, 'line-4-packer')
    const labeller = await createInstance(admin, application, 'line-4-labeller')

    const api = await signInByApi(String(baseURL), person.username, PASSWORD)
    const mint = (input: Partial<CreateToken> = {}) =>
      create<CreatedToken>(api, 'tokens', {
        name: 'Claude Code',
        role: 'viewer',
        readOnly: true,
        grants: [{ type: 'instance', id: packer.id }],
        expiresAt: new Date(Date.now() + 30 * DAY_MS).toISOString(),
        ...input,
      })
    await use({ person, team, application, packer, labeller, api, mint })
    await api.dispose()
  },

  signedIn: async ({ page, world }, use) => {
    await page.context().addCookies((await world.api.storageState()).cookies)
    await use(page)
  },
})

export { expect } from '@playwright/test'

export const unique = (): string => randomBytes(4).toString('hex')

/** Signs in on the sign-in page. */
export async function signIn(page: Page, username: string, password: string): Promise<void> {
  await page.getByLabel('User name').fill(username)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

export async function createPerson(admin: APIRequestContext): Promise<User> {
  const username = `alice-${unique()}`
  return create<User>(admin, 'users', {
    username,
    name: 'Alice Arnold',
    email: `${username}@example.com`,
    password: PASSWORD,
  })
}

/** Changes a person's role in the team of a world. */
export async function setRole(admin: APIRequestContext, { team, person }: World, role: Role): Promise<void> {
  const answer = await admin.patch(`api/v1/teams/${team.id}/members/${person.id}`, { data: { role } })
  expect(answer.ok()).toBe(true)
}

/** Signs in without a page. */
export async function signInByApi(baseURL: string, username: string, password: string): Promise<APIRequestContext> {
  // All journeys run from one machine; as one caller they would meet the limit on sign-ins, and rightly.
  const api = await request.newContext({ baseURL, extraHTTPHeaders: { 'x-forwarded-for': someAddress() } })
  const answer = await api.post('account/login', { data: { username, password } })
  expect(answer.status()).toBe(200)
  return api
}

/** From the block for documentation (RFC 3849), each in a network of its own: limits count an IPv6 /64 as one caller. */
const someAddress = (): string => `2001:db8:${randomBytes(2).toString('hex')}:${randomBytes(2).toString('hex')}::1`

async function createInstance(admin: APIRequestContext, application: Application, name: string): Promise<Instance> {
  return create<Instance>(admin, 'instances', {
    applicationId: application.id,
    name,
    url: `https://${name}.example.com`,
  })
}

/** Creates by the API. @param path below /api/v1/ */
export async function create<Created>(api: APIRequestContext, path: string, data: object): Promise<Created> {
  const answer = await api.post(`api/v1/${path}`, { data })
  expect(answer.status(), await answer.text()).toBe(201)
  return (await answer.json()) as Created
}
