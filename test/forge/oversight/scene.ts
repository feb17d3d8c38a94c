import { afterEach, beforeEach, vi } from 'vitest'

import type { AuditLogPage } from '../../../forge/contract/audit.ts'
import type { NoticePage } from '../../../forge/contract/notice.ts'
import { DEFAULT_POLICY, type TokenPolicy } from '../../../forge/contract/policy.ts'
import { createPolicies } from '../../../forge/policy/policy.ts'
import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  createUser,
  mintToken,
  openBrowser,
  type Browser,
  type TestApplication,
  type TestInstance,
  type TestUser,
} from '../../support/builders.ts'
import type { Dialect } from '../../support/database.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

export const NOW = Date.parse('2026-11-23T12:00:00.000Z')
export const DAY_MS = 86_400_000

export interface World {
  forge: TestForge
  olga: TestUser
  alice: TestUser
  team: { id: string; name: string }
  application: TestApplication
  instance: TestInstance
  /** Browsers: the owner's, the member's, and that of the owner of another team. */
  owner: Browser
  member: Browser
  stranger: Browser
}

type Change = Parameters<typeof mintToken>[1]

/**
 * A forge for every test, with Olga who owns the team `line-4`, Alice who is a member of it, and Zoe who owns another
 * team. The clock stands still.
 */
export function useWorld(dialect: Dialect) {
  const world = {} as World

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: NOW })
    const forge = await startForge({ dialect })
    const [olga, alice, zoe] = [
      await createUser(forge, { username: 'olga' }),
      await createUser(forge, { username: 'alice' }),
      await createUser(forge, { username: 'zoe' }),
    ]
    const team = await createTeam(forge, { slug: 'line-4', owner: olga })
    await createTeam(forge, { slug: 'line-5', owner: zoe })
    await addMember(forge, { team, user: alice, role: 'member' })
    const application = await createApplication(forge, { team, name: 'packaging' })
    const instance = await createInstance(forge, { application, name: 'packer' })
    const [owner, member, stranger] = [
      await openBrowser(forge, olga),
      await openBrowser(forge, alice),
      await openBrowser(forge, zoe),
    ]
    Object.assign(world, { forge, olga, alice, team, application, instance, owner, member, stranger })
  })
  afterEach(async () => {
    await world.forge.close()
    vi.useRealTimers()
  })
  return world
}

/** A token of Alice that may write, for thirty days. */
export function mint(world: World, change: Partial<Change> = {}) {
  const { forge, alice: user, instance } = world
  const expiresAt = new Date(Date.now() + 30 * DAY_MS).toISOString()
  return mintToken(forge, { user, instance, role: 'member', readOnly: false, expiresAt, ...change })
}

/** Whether an instance is told that a token may be used there, and as what. */
export async function introspect({ forge }: World, instance: TestInstance, token: string) {
  const answer = await forge.app.inject({
    method: 'POST',
    url: `${forge.url}/oauth/introspect`,
    headers: { authorization: `Bearer ${instance.credential}`, 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ token }).toString(),
  })
  return answer.json<{ active: boolean; roles?: string[]; scope?: string }>()
}

/** Saves a policy as if an owner had done it long ago. */
export async function setPolicy({ forge, team }: World, change: Partial<TokenPolicy>): Promise<void> {
  const policies = createPolicies(forge.db)
  await forge.db.transaction((transaction) => policies.save(team.id, { ...DEFAULT_POLICY, ...change }, transaction))
}

export async function noticesOf(browser: Browser) {
  return (await browser('GET', '/api/v1/notices')).json<NoticePage>().notices
}

/** A log, the newest first. */
export async function logOf(browser: Browser, path: string) {
  return (await browser('GET', `/api/v1/${path}`)).json<AuditLogPage>().log
}

/** A second team of Olga's, in which Alice is a member, with an instance. */
export async function addTeam({ forge, olga, alice }: World, slug = 'line-6') {
  const team = await createTeam(forge, { slug, owner: olga })
  await addMember(forge, { team, user: alice, role: 'member' })
  const application = await createApplication(forge, { team, name: `${slug} application` })
  return { team, application, instance: await createInstance(forge, { application, name: `${slug}-instance` }) }
}
