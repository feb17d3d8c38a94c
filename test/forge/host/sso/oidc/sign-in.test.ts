import { describe, expect, it, vi } from 'vitest'

import type { AuditLogPage } from '../../../../../forge/contract/audit.ts'
import type { User } from '../../../../../forge/contract/host.ts'
import { addMember, createUser, signIn as signInByPassword } from '../../../../support/builders.ts'
import { openWalkingBrowser } from '../../../../support/sso/browser.ts'
import { providerInput } from '../samples.ts'
import { NOW, useSsoWorld } from '../scene.ts'

const world = useSsoWorld()

/** The problem that the sign-in page would show. */
async function problem(person: string | null): Promise<string | null> {
  world.idp.person = person
  const end = await openWalkingBrowser(world.forge).walk(world.start())
  return new URLSearchParams(end.split('?')[1]).get('problem')
}

const me = async (browser: Awaited<ReturnType<typeof world.signIn>>) =>
  (await browser.call('GET', '/api/v1/user')).json<User>()

async function configure(change: Parameters<typeof providerInput>[0]) {
  const { issuer, clientId, clientSecret } = world.idp
  const input = providerInput({ teams: ['line-4'], ...change })
  const oidc = {
    ...input.oidc,
    ...change?.oidc,
    issuer,
    clientId,
    clientSecret,
    scopes: ['profile', 'email', 'groups'],
  }
  const answer = await world.admin('PUT', `/api/v1/sso/providers/${world.provider.id}`, { ...input, oidc })
  expect(answer.statusCode, answer.body).toBe(200)
}

describe('signing in through an OpenID provider', () => {
  it('makes an account, with the role that the groups give, and returns to where the person was going', async () => {
    world.idp.person = 'alice-1'
    const browser = openWalkingBrowser(world.forge)
    expect(await browser.walk(world.start('/tokens/new?team=line-4'))).toBe('/tokens/new?team=line-4')

    expect(await me(browser)).toMatchObject({
      username: 'alice',
      name: 'Alice Arnold',
      email: 'alice@acme.example',
      admin: false,
    })
    const { id: userId } = await me(browser)
    expect(await world.forge.store.Member.findOne({ where: { userId } })).toMatchObject({
      teamId: world.team.id,
      roleLevel: 30,
      managedBy: world.provider.id,
    })
    expect(await world.forge.store.Identity.findOne({ where: { userId } })).toMatchObject({
      issuer: world.idp.issuer,
      subject: 'alice-1',
      signedInAt: new Date(NOW),
      authTime: new Date(NOW),
    })
  })

  it('knows the person again by issuer and subject, whatever their address is now', async () => {
    const first = await me(await world.signIn('alice-1'))
    world.idp.accounts.set('alice-1', { email: 'arnold@acme.example', groups: [] })
    expect((await me(await world.signIn('alice-1'))).id).toBe(first.id)
  })

  it('finds an account by its verified address once, and gives it to nobody else afterwards', async () => {
    const bob = await createUser(world.forge, { username: 'bob' })
    await world.forge.store.User.update({ email: 'bob@acme.example' }, { where: { id: bob.id } })
    world.idp.accounts.set('bob-1', { email: 'BOB@acme.example', groups: [] })
    expect((await me(await world.signIn('bob-1'))).id).toBe(bob.id)

    world.idp.accounts.set('bob-2', { email: 'bob@acme.example', groups: [] })
    expect(await problem('bob-2')).toBe('account_taken')
  })

  it.each([
    ['email_not_verified', { email: 'eve@acme.example', emailVerified: false }],
    ['email_not_verified', {}],
    ['foreign_domain', { email: 'eve@elsewhere.example' }],
    ['foreign_domain', { email: 'eve@acme.example.evil.example' }],
    ['foreign_domain', { email: 'eve@acme.example@elsewhere.example' }],
    ['groups_missing', { email: 'eve@acme.example' }],
  ])('turns somebody away because of %s: %j', async (reason, account) => {
    world.idp.accounts.set('eve', reason === 'groups_missing' ? account : { groups: [], ...account })
    expect(await problem('eve')).toBe(reason)
    expect(await world.forge.store.Identity.count()).toBe(0)
  })

  it('takes an unverified address from a provider that is trusted with that', async () => {
    await configure({ oidc: { ...providerInput().oidc, trustEmail: true } })
    world.idp.accounts.set('eve', { email: 'eve@acme.example', emailVerified: false, groups: [] })
    expect((await me(await world.signIn('eve'))).email).toBe('eve@acme.example')
  })

  it('makes no account where that is not wanted', async () => {
    await configure({ provisionUsers: false })
    expect(await problem('alice-1')).toBe('no_account')
  })

  it('turns away who is suspended, who is refused by the provider, and everybody when it is disabled', async () => {
    const { id } = await me(await world.signIn('alice-1'))
    await world.admin('PATCH', `/api/v1/users/${id}`, { suspended: true })
    expect(await problem('alice-1')).toBe('suspended')
    expect(await problem(null)).toBe('denied')

    await configure({ enabled: false })
    expect(await problem('alice-1')).toBe('disabled')
  })

  it('gives a free user name where the wished one is taken', async () => {
    await createUser(world.forge, { username: 'alice' })
    expect((await me(await world.signIn('alice-1'))).username).toMatch(/^alice-[0-9a-f]{8}$/)
  })

  it('makes one account when two windows come back at once', async () => {
    world.idp.person = 'alice-1'
    const browsers = [openWalkingBrowser(world.forge), openWalkingBrowser(world.forge)]
    const ends = await Promise.all(browsers.map((browser) => browser.walk(world.start())))
    expect(ends).toEqual(['/', '/'])
    expect(await world.forge.store.User.count({ where: { email: 'alice@acme.example' } })).toBe(1)
  })

  it('refuses the password of who has a provider, and lets administrators keep theirs', async () => {
    const bob = await createUser(world.forge, { username: 'bob' })
    await world.forge.store.User.update({ email: 'bob@acme.example' }, { where: { id: bob.id } })
    world.idp.accounts.set('bob-1', { email: 'bob@acme.example', groups: [] })
    await world.signIn('bob-1')

    const login = (password: string) =>
      world.forge.app.inject({ method: 'POST', url: '/account/login', payload: { username: 'bob', password } })
    const refused = await login(bob.password)
    expect([refused.statusCode, refused.json<{ code: string }>().code]).toEqual([403, 'sso_required'])
    expect((await login('wrong')).json<{ code: string }>().code).toBe('invalid_login')

    await world.forge.store.User.update({ admin: true }, { where: { id: bob.id } })
    expect((await login(bob.password)).statusCode).toBe(200)
  })

  it('takes the time of the proof from the provider, so that an old one can mint nothing', async () => {
    const browser = await world.signIn('alice-1')
    vi.setSystemTime(NOW + 20 * 60_000)
    await world.signIn('alice-1', browser)
    const grants = [{ type: 'instance', id: world.instance.id }]
    const wish = { name: 'x', role: 'viewer', readOnly: true, grants, expiresAt: new Date(NOW + 8e7).toISOString() }
    const code = async () => (await browser.call('POST', '/api/v1/tokens', wish)).json<{ code?: string }>().code
    expect(await code()).toBe('reauthentication_required')

    await browser.walk(`${world.start()}&reauthenticate=true`)
    expect(await code()).toBeUndefined()
  })

  it('tells the person that they signed in again through it, and says nothing of the first time', async () => {
    const browser = await world.signIn('alice-1')
    const log = async () => {
      const answer = await browser.call('GET', '/api/v1/tokens/audit-log?event=user.reauthenticated')
      return answer.json<AuditLogPage>().log.map(({ body }) => body)
    }
    expect(await log()).toEqual([])

    await browser.walk(`${world.start()}&reauthenticate=true`)
    expect(await log()).toEqual([{ method: 'sso' }])
  })
})

describe('groups at the sign-in', () => {
  it('change the role, take it away, and leave what was set by hand', async () => {
    const { id: userId } = await me(await world.signIn('alice-1'))
    const level = async () => (await world.forge.store.Member.findOne({ where: { userId } }))?.roleLevel ?? null
    const account = { email: 'alice@acme.example' }

    world.idp.accounts.set('alice-1', { ...account, groups: ['ff-line-4-owner', 'ff-line-4[Packaging]-viewer'] })
    await world.signIn('alice-1')
    expect(await level()).toBe(50)
    expect(await world.forge.store.Override.findOne({ where: { userId } })).toMatchObject({ roleLevel: 10 })

    world.idp.accounts.set('alice-1', { ...account, groups: [] })
    await world.signIn('alice-1')
    expect(await level()).toBeNull()

    await addMember(world.forge, { team: world.team, user: { id: userId }, role: 'viewer' })
    await world.signIn('alice-1')
    expect(await level()).toBe(10)
  })

  it('stand in the logs of the team and of the person', async () => {
    await world.signIn('alice-1')
    world.idp.accounts.set('alice-1', { email: 'alice@acme.example', groups: ['ff-line-4-viewer'] })
    const alice = await world.signIn('alice-1')
    world.idp.accounts.set('alice-1', { email: 'alice@acme.example', groups: [] })
    await world.signIn('alice-1', alice)

    const own = (await alice.call('GET', '/api/v1/tokens/audit-log')).json<{ log?: { event: string }[] }>()
    const headers = await signInByPassword(world.forge, world.olga)
    const url = `/api/v1/teams/${world.team.id}/audit-log`
    const team = (await world.forge.app.inject({ url, headers })).json<{ log: { event: string; body: object }[] }>()
    expect(team.log.map(({ event }) => event)).toEqual([
      'team.user.removed',
      'team.user.role-changed',
      'team.user.added',
    ])
    expect(team.log[1]?.body).toMatchObject({
      user: { name: 'alice' },
      provider: { name: 'Okta' },
      updates: [{ key: 'role', old: 'member', new: 'viewer' }],
    })
    expect(own.log?.map(({ event }) => event)).toContain('user.sso.linked')
  })

  it('never take the last owner of a team, and say so', async () => {
    world.idp.accounts.set('alice-1', { email: 'alice@acme.example', groups: ['ff-line-4-owner'] })
    const { id: userId } = await me(await world.signIn('alice-1'))
    await world.forge.store.Member.destroy({ where: { userId: world.olga.id } })

    for (const groups of [[], ['ff-line-4-viewer']]) {
      world.idp.accounts.set('alice-1', { email: 'alice@acme.example', groups })
      const alice = await world.signIn('alice-1')
      expect(await world.forge.store.Member.findOne({ where: { userId } })).toMatchObject({ roleLevel: 50 })
      const log = (await alice.call('GET', `/api/v1/teams/${world.team.id}/audit-log`)).json<{
        log: { event: string }[]
      }>()
      expect(log.log[0]?.event).toBe('team.user.last-owner-kept')
    }
  })

  it('can not be overruled by hand', async () => {
    const { id } = await me(await world.signIn('alice-1'))
    world.idp.accounts.set('alice-1', {
      email: 'alice@acme.example',
      groups: ['ff-line-4-member', 'ff-line-4[Packaging]-viewer'],
    })
    const alice = await world.signIn('alice-1')
    const member = `/api/v1/teams/${world.team.id}/members/${id}`
    const override = `${member}/overrides/${world.application.id}`

    const answers = [
      await world.admin('PATCH', member, { role: 'owner' }),
      await world.admin('DELETE', member),
      await alice.call('DELETE', member),
      await world.admin('PUT', override, { role: 'owner' }),
      await world.admin('DELETE', override),
    ]
    for (const answer of answers) {
      expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([
        409,
        'Okta manages this by its groups. Change the groups there.',
      ])
    }
    const [shown] = (await world.admin('GET', `/api/v1/teams/${world.team.id}/members?query=alice`)).json<{
      members: object[]
    }>().members
    expect(shown).toMatchObject({
      managedBy: { id: world.provider.id, name: 'Okta' },
      overrides: [{ role: 'viewer', managed: true }],
    })
  })
})

describe('trying a provider', () => {
  it('shows the claims as they would be mapped, and signs nobody in', async () => {
    const admin = openWalkingBrowser(world.forge)
    const { cookie } = await signInByPassword(world.forge, world.forge.admin)
    admin.cookies.set('sid', cookie.slice('sid='.length))
    world.idp.person = 'alice-1'
    const page = `/single-sign-on/${world.provider.id}`
    expect(await admin.walk(`${world.start()}&test=true`)).toBe(page)

    const { lastTest } = (await world.admin('GET', `/api/v1/sso/providers/${world.provider.id}`)).json<{
      lastTest: object
    }>()
    expect(lastTest).toMatchObject({
      error: null,
      claims: { email: 'alice@acme.example', amr: ['pwd', 'otp'] },
      person: { username: 'alice', account: 'new', emailVerified: true },
      roles: [{ team: 'line-4', application: null, role: 'member' }],
      ignored: ['everybody'],
    })
    expect(JSON.stringify(lastTest)).not.toContain('nonce')
    expect(await world.forge.store.User.count({ where: { email: 'alice@acme.example' } })).toBe(0)
    expect((await me(admin)).username).toBe('admin')
  })

  it('is for administrators alone, at both ends of the way', async () => {
    const somebody = openWalkingBrowser(world.forge)
    expect((await somebody.call('GET', `${world.start()}&test=true`)).statusCode).toBe(404)
  })
})
