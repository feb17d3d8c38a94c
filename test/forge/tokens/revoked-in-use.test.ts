import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { CreatedToken } from '../../../forge/contract/token.ts'
import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  createUser,
  mintToken,
  openBrowser,
  type Browser,
  type TestInstance,
  type TestUser,
} from '../../support/builders.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

const TOKENS = 4
const CALLERS = 3

let forge: TestForge
let alice: TestUser
let instance: TestInstance
let browser: Browser
let team: { id: string }

beforeEach(async () => {
  forge = await startForge()
  alice = await createUser(forge)
  team = await createTeam(forge, { owner: await createUser(forge) })
  await addMember(forge, { team, user: alice, role: 'member' })
  instance = await createInstance(forge, { application: await createApplication(forge, { team }) })
  browser = await openBrowser(forge, alice)
})
afterEach(() => forge.close())

/** The answer to an introspection, with the moment (by the order of events) in which it was asked for. */
async function introspect(token: string): Promise<boolean> {
  const answer = await forge.app.inject({
    method: 'POST',
    url: '/oauth/introspect',
    headers: { authorization: `Bearer ${instance.credential}`, 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ token }).toString(),
  })
  // Who asks about a dead token without a pause comes to the limit of failed presentations, which is a refusal too.
  expect([200, 429]).toContain(answer.statusCode)
  return answer.statusCode === 200 && answer.json<{ active: boolean }>().active
}

/**
 * Callers that ask about a token without a pause, from its very first use on, when argon2 is under way, until each has
 * asked some times after the end was answered. What is asked after that must be refused.
 */
async function askWhile(token: string, end: () => Promise<unknown>) {
  let [ended, before, late] = [false, 0, 0]

  const caller = async () => {
    for (let after = 0; after < 3;) {
      const askedAfterEnd = ended
      const active = await introspect(token)
      if (askedAfterEnd) after += 1
      if (active && askedAfterEnd) late += 1
      if (active && !askedAfterEnd) before += 1
    }
  }
  const callers = Array.from({ length: CALLERS }, () => caller())
  await end()
  ended = true
  await Promise.all(callers)
  return { before, late }
}

const ways: [string, (minted: CreatedToken) => Promise<unknown>][] = [
  ['revoked by its owner', ({ id }) => browser('DELETE', `/api/v1/tokens/${id}`)],
  ['rotated without a grace', ({ id }) => browser('POST', `/api/v1/tokens/${id}/rotate`, {})],
  [
    'reported as leaked and worked off',
    async ({ token }) => {
      await browser('POST', '/api/v1/credentials/revoke', { tokens: [token] })
      await expect.poll(() => introspect(token), { timeout: 20_000 }).toBe(false)
      // What is worked off in the background is heard of like the change of another forge: soon, and at the latest when
      // this forge answers a change.
      await browser('POST', '/api/v1/credentials/revoke', { tokens: ['none'] })
    },
  ],
  ['left alone by a person who leaves the team', () => forge.store.Member.destroy({ where: { userId: alice.id } })],
]

describe('a token that is used while it ends', () => {
  it.each(ways)('is active in no answer that was asked for after it was %s', async (_how, end) => {
    const minted = await mintToken(forge, { user: alice, instance })
    expect(await askWhile(minted.token, () => end(minted))).toMatchObject({ late: 0 })
    expect(await introspect(minted.token)).toBe(false)
  })

  it('is so for many first uses at once, each with its proof under way', async () => {
    const minted = await Promise.all(Array.from({ length: TOKENS }, () => mintToken(forge, { user: alice, instance })))
    const results = await Promise.all(
      minted.map(({ id, token }, n) =>
        askWhile(token, async () => {
          if (n % 2) await introspect(token)
          await browser('DELETE', `/api/v1/tokens/${id}`)
        }),
      ),
    )

    expect(results.map(({ late }) => late)).toEqual(Array(TOKENS).fill(0))
    // Otherwise the test has asked too late to tell anything.
    expect(results.some(({ before }) => before > 0)).toBe(true)
  })

  it('is let in by no policy that was saved before the answer, at one that mints meanwhile', async () => {
    const owner = await openBrowser(
      forge,
      await forge.store.Member.findOne({ where: { teamId: team.id, roleLevel: 50 }, rejectOnEmpty: true }).then(
        ({ userId }) => ({ id: userId }),
      ),
    )
    const path = `/api/v1/teams/${team.id}/token-policy`
    const policy = (await owner('GET', path)).json<object>()
    const wishes = Array.from({ length: TOKENS }, () =>
      mintToken(forge, { user: alice, instance, role: 'member', readOnly: false }).catch(() => null),
    )
    const saved = await owner('PUT', path, { ...policy, readOnlyOnly: true, maxRole: 'viewer' })

    expect(saved.statusCode).toBe(200)
    const minted = await Promise.all(wishes)
    for (const each of minted) {
      if (each) expect(await worth(each.token)).toEqual({ active: true, roles: ['viewer'], scope: 'mcp:read' })
    }
    await expect(mintToken(forge, { user: alice, instance, role: 'member' })).rejects.toThrow(/policy_refused/)
  })
})

async function worth(token: string) {
  const answer = await forge.app.inject({
    method: 'POST',
    url: '/oauth/introspect',
    headers: { authorization: `Bearer ${instance.credential}`, 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ token }).toString(),
  })
  const { active, roles, scope } = answer.json<{ active: boolean; roles?: string[]; scope?: string }>()
  return { active, roles, scope }
}
