import { describe, expect, it, vi } from 'vitest'

import { DEFAULT_POLICY, type TokenPolicy } from '../../../../forge/contract/policy.ts'
import type { CreatedToken } from '../../../../forge/contract/token.ts'
import type { SignInList } from '../../../../forge/contract/targets.ts'
import { createPolicies } from '../../../../forge/policy/policy.ts'
import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  openBrowser,
  type TestInstance,
} from '../../../support/builders.ts'
import type { WalkingBrowser } from '../../../support/sso/browser.ts'
import type { Dialect } from '../../../support/database.ts'
import { DAY_MS, NOW, useSsoWorld } from './scene.ts'

/** What holds on every database: sign in, mint, use, and what the provider takes away. */
export function freshnessCases(dialect: Dialect): void {
  const world = useSsoWorld(dialect)

  const wish = (grants: object[], change: object = {}) => ({
    name: 'Claude Code',
    role: 'member',
    readOnly: false,
    grants,
    expiresAt: new Date(NOW + 90 * DAY_MS).toISOString(),
    ...change,
  })
  const here = () => [{ type: 'instance', id: world.instance.id }]

  async function mint(browser: WalkingBrowser, grants: object[] = here(), change: object = {}): Promise<CreatedToken> {
    const answer = await browser.call('POST', '/api/v1/tokens', wish(grants, change))
    expect(answer.statusCode, answer.body).toBe(201)
    return answer.json<CreatedToken>()
  }

  async function introspect(token: string, instance: TestInstance = world.instance) {
    const answer = await world.forge.app.inject({
      method: 'POST',
      url: '/oauth/introspect',
      headers: { authorization: `Bearer ${instance.credential}`, 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ token }).toString(),
    })
    return answer.json<Record<string, unknown> & { active: boolean }>()
  }

  async function setPolicy(change: Partial<TokenPolicy>): Promise<void> {
    const policies = createPolicies(world.forge.db)
    await world.forge.db.transaction((transaction) =>
      policies.save(world.team.id, { ...DEFAULT_POLICY, ...change }, transaction),
    )
  }

  const alice = { email: 'alice@acme.example', username: 'alice' }
  const inDays = (days: number) => vi.setSystemTime(NOW + days * DAY_MS)

  describe('a token for a team that is reached through a provider', () => {
    it('names the person and the role that the group gave, and how they signed in', async () => {
      const { token } = await mint(await world.signIn('alice-1'))
      expect(await introspect(token)).toMatchObject({
        active: true,
        username: 'alice',
        roles: ['member'],
        auth_time: NOW / 1000,
        amr: ['pwd', 'otp'],
      })
      expect(await introspect(token)).not.toHaveProperty('groups')
    })

    it('is refused from the moment on that the group is gone, and lowered by a lower one', async () => {
      const browser = await world.signIn('alice-1')
      const { token } = await mint(browser)

      world.idp.accounts.set('alice-1', { ...alice, groups: ['ff-line-4-viewer'] })
      await world.signIn('alice-1')
      expect(await introspect(token)).toMatchObject({ active: true, roles: ['viewer'] })

      world.idp.accounts.set('alice-1', { ...alice, groups: [] })
      await world.signIn('alice-1')
      expect(await introspect(token)).toEqual({ active: false })
    })

    it('waits after thirty days, to the millisecond, and revives when the person signs in again', async () => {
      const { token, id } = await mint(await world.signIn('alice-1'))
      vi.setSystemTime(NOW + 30 * DAY_MS - 1)
      expect(await introspect(token)).toMatchObject({ active: true })
      inDays(30)
      expect(await introspect(token)).toEqual({ active: false })

      const again = await world.signIn('alice-1')
      expect(await introspect(token)).toMatchObject({ active: true })
      inDays(70)
      const explained = await (
        await world.signIn('alice-1', again)
      ).call('POST', `/api/v1/tokens/${id}/explain`, {
        instanceId: world.instance.id,
      })
      expect(explained.json<{ rules: { rule: string; holds: boolean }[] }>().rules).toContainEqual({
        rule: 'sso_fresh',
        holds: true,
        reason: null,
      })
    })

    it('waits as early as the policy of the team says', async () => {
      await setPolicy({ ssoFreshnessDays: 2 })
      const { token } = await mint(await world.signIn('alice-1'))
      inDays(1.9)
      expect(await introspect(token)).toMatchObject({ active: true })
      inDays(2)
      expect(await introspect(token)).toEqual({ active: false })
    })

    it('goes on in a plain team meanwhile', async () => {
      const browser = await world.signIn('alice-1')
      const { id } = (await browser.call('GET', '/api/v1/user')).json<{ id: string }>()
      const plain = await createTeam(world.forge, { slug: 'plain' })
      await addMember(world.forge, { team: plain, user: { id }, role: 'member' })
      const application = await createApplication(world.forge, { team: plain })
      const instance = await createInstance(world.forge, { application })

      const { token } = await mint(browser, [...here(), { type: 'instance', id: instance.id }])
      inDays(31)
      expect(await introspect(token)).toEqual({ active: false })
      expect(await introspect(token, instance)).toMatchObject({ active: true, username: 'alice' })
      expect(await introspect(token, instance)).not.toHaveProperty('auth_time')
    })

    it('tells instances the groups of their own team, where the provider exposes them', async () => {
      await createTeam(world.forge, { slug: 'line-5' })
      await world.forge.db.query(`UPDATE sso_providers SET settings = replace(settings, '"exposeGroups":false', $1)`, {
        bind: ['"exposeGroups":true'],
      })
      world.idp.accounts.set('alice-1', {
        ...alice,
        groups: ['everybody', 'ff-line-4-member', 'ff-line-4[Packaging]-owner', 'ff-line-5-owner', 'ff-line-4-x-owner'],
      })
      const { token } = await mint(await world.signIn('alice-1'))
      expect(await introspect(token)).toMatchObject({ groups: ['ff-line-4-member', 'ff-line-4[Packaging]-owner'] })
    })

    it('waits for whom the provider has signed out as a whole', async () => {
      const { token } = await mint(await world.signIn('alice-1'))
      await world.forge.store.Identity.update({ signedInAt: null }, { where: {} })
      expect(await introspect(token)).toEqual({ active: false })
    })
  })

  describe('minting for such a team', () => {
    it('is for sessions that came through its provider alone', async () => {
      const owner = await openBrowser(world.forge, world.olga)
      const minted = await owner('POST', '/api/v1/tokens', wish(here()))
      expect([minted.statusCode, minted.json()]).toEqual([
        403,
        { code: 'sso_required', error: 'line-4 is reached through Okta alone. Sign in there first.' },
      ])
      const preview = await owner('POST', '/api/v1/tokens/preview', { ...wish(here()), name: undefined })
      expect(preview.json()).toMatchObject({ refusal: { code: 'sso_required' } })

      const targets = await owner('GET', '/api/v1/tokens/targets')
      expect(targets.json()).toMatchObject({
        teams: [{ sso: { provider: { name: 'Okta' }, thisSession: false, freshUntil: null } }],
      })
    })

    it('is refused to rotations and widenings from another session, and narrowing is free', async () => {
      const browser = await world.signIn('alice-1')
      const { id } = await mint(browser)
      const { id: userId } = (await browser.call('GET', '/api/v1/user')).json<{ id: string }>()
      const byPassword = await openBrowser(world.forge, { id: userId })

      const code = async (method: 'POST' | 'PATCH', path: string, body: object) =>
        (await byPassword(method, path, body)).json<{ code?: string }>().code
      expect(await code('POST', `/api/v1/tokens/${id}/rotate`, {})).toBe('sso_required')
      expect(await code('PATCH', `/api/v1/tokens/${id}`, { grants: [{ type: 'team', id: world.team.id }] })).toBe(
        'sso_required',
      )
      expect(await code('PATCH', `/api/v1/tokens/${id}`, { readOnly: true })).toBeUndefined()
    })

    it('needs an owner from the provider to approve for production', async () => {
      await setPolicy({ productionNeedsApproval: true })
      await world.forge.store.Instance.update({ production: true }, { where: {} })
      const { id, token } = await mint(await world.signIn('alice-1'), here(), { reason: 'The night shift.' })

      const path = `/api/v1/teams/${world.team.id}/approvals/${id}`
      const byPassword = await openBrowser(world.forge, world.olga)
      const refused = await byPassword('POST', path, { decision: 'approve' })
      expect([refused.statusCode, refused.json<{ code: string }>().code]).toEqual([403, 'sso_required'])

      world.idp.accounts.set('owen-1', { email: 'owen@acme.example', groups: ['ff-line-4-owner'] })
      const owen = await world.signIn('owen-1')
      expect((await owen.call('POST', path, { decision: 'approve' })).statusCode).toBe(204)
      expect(await introspect(token)).toMatchObject({ active: true })
    })
  })

  describe('GET /api/v1/tokens/sign-ins', () => {
    it('says by when to sign in where, to keep how many tokens', async () => {
      await setPolicy({ ssoFreshnessDays: 5 })
      const browser = await world.signIn('alice-1')
      await mint(browser)
      await mint(browser)
      const ended = await mint(browser)
      await browser.call('DELETE', `/api/v1/tokens/${ended.id}`)

      const list = async () => (await browser.call('GET', '/api/v1/tokens/sign-ins')).json<SignInList>().signIns
      const provider = { id: world.provider.id, name: 'Okta' }
      expect(await list()).toEqual([{ provider, by: new Date(NOW + 5 * DAY_MS).toISOString(), tokens: 2 }])

      await world.forge.store.Identity.update({ signedInAt: null }, { where: {} })
      expect(await list()).toEqual([{ provider, by: null, tokens: 2 }])
    })
  })
}
