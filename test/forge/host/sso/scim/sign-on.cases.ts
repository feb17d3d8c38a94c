import { describe, expect, it, vi } from 'vitest'

import { GRANTS } from '../../../../../forge/contract/oauth.ts'
import type { CreatedToken } from '../../../../../forge/contract/token.ts'
import { createInstance } from '../../../../support/builders.ts'
import type { Dialect } from '../../../../support/database.ts'
import { startForge, type TestForge } from '../../../../support/forge.ts'
import type { WalkingBrowser } from '../../../../support/sso/browser.ts'
import { NOW } from '../scene.ts'
import { useScimWorld } from './scene.ts'

/** What SCIM makes of sign-ins, sessions and tokens, on every database. Alice's claims say `ff-line-4-member`. */
export function signOnCases(dialect: Dialect): void {
  const world = useScimWorld(dialect)

  function ask(forge: TestForge, path: string, form: Record<string, string>, authorization?: string) {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', ...(authorization ? { authorization } : {}) }
    const payload = new URLSearchParams(form).toString()
    return forge.app.inject({ method: 'POST', url: forge.url + path, headers, payload })
  }

  async function introspect(token: string, { forge = world.forge, instance = world.instance } = {}) {
    const answer = await ask(forge, '/oauth/introspect', { token }, `Bearer ${instance.credential}`)
    return answer.json<Record<string, unknown>>()
  }

  async function mint(browser: WalkingBrowser, role = 'member'): Promise<CreatedToken> {
    const answer = await browser.call('POST', '/api/v1/tokens', {
      name: 'Claude Code',
      role,
      readOnly: false,
      grants: [{ type: 'team', id: world.team.id }],
      expiresAt: new Date(NOW + 86_400_000).toISOString(),
    })
    expect(answer.statusCode, answer.body).toBe(201)
    return answer.json<CreatedToken>()
  }

  const tellOfAlice = async () => (await world.tell('alice')).body.id
  const setActive = (id: string, active: boolean) => world.patch(`/Users/${id}`, { op: 'replace', value: { active } })

  describe('somebody who has signed in', () => {
    it('keeps what the sign-in gave until the first group is told, and is from then on what SCIM says', async () => {
      const { token } = await mint(await world.signIn('alice-1'))
      const alice = await tellOfAlice()
      expect(await introspect(token)).toMatchObject({ active: true, roles: ['member'] })

      const { body: viewers } = await world.tellGroup('ff-line-4-viewer', [alice])
      expect(await introspect(token)).toMatchObject({ active: true, username: 'alice', roles: ['viewer'] })
      await world.signIn('alice-1')
      expect(await introspect(token)).toMatchObject({ roles: ['viewer'] })

      await world.patch(`/Groups/${viewers.id}`, { op: 'remove', path: `members[value eq "${alice}"]` })
      expect(await introspect(token)).toEqual({ active: false })
      await world.signIn('alice-1')
      expect(await introspect(token)).toEqual({ active: false })

      await world.patch(`/Groups/${viewers.id}`, { op: 'add', path: 'members', value: [{ value: alice }] })
      expect(await introspect(token)).toMatchObject({ active: true, roles: ['viewer'] })
    })

    it('is told to instances with the groups of SCIM, where the provider lets them be seen', async () => {
      const { provider, admin } = world
      const { oidc, name, type, enabled, domains, teams, groups, provisionUsers } = provider
      const exposed = { name, type, enabled, domains, teams, groups, provisionUsers, oidc, exposeGroups: true }
      await admin('PUT', `/api/v1/sso/providers/${provider.id}`, exposed)
      const { token } = await mint(await world.signIn('alice-1'))
      expect(await introspect(token)).toMatchObject({ groups: ['ff-line-4-member'] })
      await world.tellGroup('ff-line-4-viewer', [await tellOfAlice()])
      expect(await introspect(token)).toMatchObject({ groups: ['ff-line-4-viewer'] })
    })

    it('loses everything when disabled: sessions, tokens, exchanged tokens, device codes; on every forge', async () => {
      const browser = await world.signIn('alice-1')
      const { token } = await mint(browser)
      const other = await createInstance(world.forge, { application: world.application })
      const exchange = () =>
        ask(
          world.forge,
          '/oauth/token',
          {
            grant_type: GRANTS.exchange,
            subject_token: token,
            subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
            resource: other.url,
          },
          `Bearer ${world.instance.credential}`,
        )
      const exchanged = (await exchange()).json<{ access_token: string }>().access_token
      const begun = await ask(world.forge, '/oauth/device_authorization', { client_id: 'forge-pat' })
      const codes = begun.json<{ device_code: string; user_code: string }>()
      const approved = await browser.call('POST', '/api/v1/device/approve', {
        userCode: codes.user_code,
        name: 'my terminal',
        role: 'viewer',
        readOnly: true,
        grants: [{ type: 'instance', id: world.instance.id }],
        expiresAt: new Date(NOW + 3_600_000).toISOString(),
      })
      expect(approved.statusCode, approved.body).toBeLessThan(300)

      const second = await startForge({ db: world.forge.db, empty: true })
      try {
        expect(await introspect(token)).toMatchObject({ active: true })
        expect(await introspect(exchanged, { instance: other })).toMatchObject({ active: true, username: 'alice' })
        expect(await introspect(token, { forge: second })).toMatchObject({ active: true })

        const alice = await tellOfAlice()
        expect((await setActive(alice, false)).status).toBe(200)

        expect(await introspect(token)).toEqual({ active: false })
        expect(await introspect(exchanged, { instance: other })).toEqual({ active: false })
        await vi.waitFor(
          async () => expect(await introspect(token, { forge: second })).toEqual({ active: false }),
          10_000,
        )
        expect((await browser.call('GET', '/api/v1/user')).statusCode).toBe(401)
        expect((await exchange()).statusCode).toBe(400)
        const form = { grant_type: GRANTS.device, device_code: codes.device_code, client_id: 'forge-pat' }
        const polled = await ask(world.forge, '/oauth/token', form)
        expect([polled.statusCode, polled.json()]).toEqual([
          400,
          expect.not.objectContaining({ access_token: expect.anything() as string }),
        ])
        await expect(world.signIn('alice-1')).rejects.toThrow('suspended')

        await setActive(alice, true)
        expect(await introspect(token)).toMatchObject({ active: true, roles: ['member'] })
        expect((await browser.call('GET', '/api/v1/user')).statusCode).toBe(401)
      } finally {
        await second.close()
      }
    })

    it('is one account when told of at the same moment', async () => {
      const [signedIn, told] = await Promise.all([world.signIn('alice-1'), world.tell('alice')])
      expect(told.status).toBe(201)
      const { id } = (await signedIn.call('GET', '/api/v1/user')).json<{ id: string }>()
      expect(await world.forge.store.ScimUser.findOne()).toMatchObject({ userId: id })
    })
  })

  // Nothing of these depends on the database.
  describe.runIf(dialect === 'sqlite')('somebody who signs in', () => {
    it('cannot come back when the provider has forgotten them', async () => {
      const { token } = await mint(await world.signIn('alice-1'))
      const alice = await tellOfAlice()
      await world.scim('DELETE', `/Users/${alice}`)
      expect(await introspect(token)).toEqual({ active: false })
      await expect(world.signIn('alice-1')).rejects.toThrow('suspended')
    })

    it('finds the account that SCIM made, with the roles of its groups', async () => {
      await world.tellGroup('ff-line-4-viewer', [await tellOfAlice()])
      const { token } = await mint(await world.signIn('alice-1'), 'viewer')
      expect(await introspect(token)).toMatchObject({ active: true, roles: ['viewer'] })
      expect(await world.forge.store.User.count({ where: { email: 'alice@acme.example' } })).toBe(1)
    })

    it('needs no claim of groups where SCIM tells them', async () => {
      world.idp.accounts.set('alice-1', { email: 'alice@acme.example', username: 'alice' })
      await expect(world.signIn('alice-1')).rejects.toThrow('groups_missing')
      await world.tellGroup('ff-line-4-viewer', [await tellOfAlice()])
      await world.signIn('alice-1')
    })

    it('has no role by claims where SCIM tells groups and does not know them', async () => {
      await world.tellGroup('ff-line-4-viewer')
      const browser = await world.signIn('alice-1')
      const { id } = (await browser.call('GET', '/api/v1/user')).json<{ id: string }>()
      expect(await world.forge.store.Member.count({ where: { userId: id } })).toBe(0)
    })

    it('is refused as an administrator too, when the provider has disabled them', async () => {
      const browser = await world.signIn('alice-1')
      const { id } = (await browser.call('GET', '/api/v1/user')).json<{ id: string }>()
      const alice = await tellOfAlice()
      await world.forge.store.User.update({ email: 'alice@elsewhere.example' }, { where: { id } })
      await setActive(alice, false)
      expect(await world.forge.store.User.findByPk(id)).toMatchObject({ suspended: false })
      await expect(world.signIn('alice-1')).rejects.toThrow('suspended')
    })

    it('has groups of the claims again after SCIM was ended on the page', async () => {
      await world.tellGroup('ff-line-4-viewer', [await tellOfAlice()])
      await world.admin('DELETE', `/api/v1/sso/providers/${world.provider.id}/scim/token`)
      const { token } = await mint(await world.signIn('alice-1'))
      expect(await introspect(token)).toMatchObject({ roles: ['member'] })
      expect((await world.scim('GET', '/Users')).status).toBe(401)
      expect(await world.forge.store.ScimUser.count()).toBe(0)
    })
  })
}
