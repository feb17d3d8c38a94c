import { describe, expect, it } from 'vitest'

import { UNUSABLE_PASSWORD } from '../../../../../forge/host/users/passwords.ts'
import { selectRows } from '../../../../../forge/sql/rows.ts'
import { createUser, openBrowser, signIn } from '../../../../support/builders.ts'
import { addProvider, person, speakAs, useScimForge } from './scene.ts'

const world = useScimForge()
const at = (name: string) => `${name}@${world.domain}`
const accountAt = (email: string) => world.forge.store.User.findOne({ where: { email }, rejectOnEmpty: true })

/** Somebody whose account was there before, with a password and an address in the provider's domain. */
async function createOwn(name: string, { admin = false } = {}) {
  const user = await createUser(world.forge, { username: `${name}-${world.domain.replace('.', '-')}`, admin })
  await world.forge.store.User.update({ email: at(name) }, { where: { id: user.id } })
  return user
}

/** As if they had come through the provider. */
async function linkTo(user: { id: string }, subject: string) {
  const known = { providerId: world.provider.id, userId: user.id }
  const issuer = world.provider.oidc.issuer
  await world.forge.store.Identity.create({ ...known, issuer, subject, signedInAt: new Date() })
}

/** What the log of a person says, in no order: entries of one moment have none. */
async function eventsOf(userId: string): Promise<string[]> {
  const entries = await selectRows<{ event: string }>(
    world.forge.db,
    `SELECT event FROM pat_audit_entries WHERE scope_type = 'user' AND scope_id = $1 ORDER BY event`,
    [userId],
  )
  return entries.map(({ event }) => event)
}

describe('the account of a person', () => {
  it('is made where there is none, and no password opens it', async () => {
    await world.tell('alice', { userName: 'Alice.Arnold', displayName: 'Alice A.' })
    const { username, name, admin, suspended, passwordHash } = await accountAt(at('alice'))
    expect({ username: username.slice(0, 12), name, admin, suspended, passwordHash }).toEqual({
      username: 'Alice.Arnold',
      name: 'Alice A.',
      admin: false,
      suspended: false,
      passwordHash: UNUSABLE_PASSWORD,
    })
  })

  it('is the one with the address, the first time, and no password opens it any more', async () => {
    const own = await createOwn('alice')
    await world.tell('alice')
    const link = await world.forge.store.ScimUser.findOne({ where: { userId: own.id } })
    expect(link).toMatchObject({ providerId: world.provider.id, userName: at('alice') })
    expect(await eventsOf(own.id)).toEqual(['user.sso.linked'])

    const nobody = await openBrowser(world.forge)
    const login = await nobody('POST', '/account/login', { username: own.username, password: own.password })
    expect([login.statusCode, login.json<{ code: string }>().code]).toEqual([403, 'sso_required'])
  })

  it('is the one that came through the provider as this subject, whatever its address is by now', async () => {
    const own = await createOwn('alice')
    await linkTo(own, '00u-alice')
    await world.tell('renamed', { externalId: '00u-alice' })
    expect(await world.forge.store.ScimUser.findOne({ where: { userId: own.id } })).toMatchObject({
      userName: at('renamed'),
    })
    expect(await accountAt(at('renamed'))).toMatchObject({ id: own.id })
  })

  it('is not made for an address that is another one in lower case', async () => {
    const answer = await world.tell('alice', { emails: [{ value: at('\u212Aate') }] })
    expect([answer.status, answer.body.scimType]).toEqual([400, 'invalidValue'])
  })

  it.each([
    ['in no domain of the provider', { emails: [{ value: 'alice@elsewhere.example' }] }],
    ['in a domain that only looks like it', { emails: [{ value: 'alice@evil.p1.example.evil' }] }],
    ['that is none', { emails: [{ value: 'alice' }] }],
    ['that is missing', { userName: 'alice', emails: [] }],
  ])('is not made for an address %s', async (_, change) => {
    const before = await world.forge.store.User.count()
    const answer = await world.tell('alice', change)
    expect([answer.status, answer.body.scimType]).toEqual([400, 'invalidValue'])
    expect(await world.forge.store.User.count()).toBe(before)
  })

  it('is one person of the provider', async () => {
    await world.tell('alice')
    const other = await world.tell('bob', { emails: [{ value: at('alice') }] })
    expect([other.status, other.body.scimType]).toEqual([409, 'uniqueness'])
  })

  it('is not taken over when it is that of an administrator with a password', async () => {
    const boss = await createOwn('boss', { admin: true })
    const answer = await world.tell('boss', { active: false })
    expect(answer.status).toBe(403)
    expect(await accountAt(at('boss'))).toMatchObject({ id: boss.id, suspended: false, name: boss.name })
    expect(await world.forge.store.ScimUser.count({ where: { userId: boss.id } })).toBe(0)
  })

  it('is not made for an address that only reads like another one', async () => {
    await world.tell('alice')
    const answer = await world.tell('ali\u200bce', { externalId: 'other' })
    expect([answer.status, answer.body.scimType]).toEqual([400, 'invalidValue'])
  })

  it('is called by what can be printed, as if a person had typed it', async () => {
    const { body } = await world.tell('alice', { displayName: 'Alice \u202eremotsuc\u2028' })
    expect((await accountAt(at('alice'))).name).toBe('Alice  remotsuc')

    await world.patch(`/Users/${body.id}`, { op: 'replace', path: 'displayName', value: '\u2066 \u2069' })
    expect((await accountAt(at('alice'))).name).toBe('Alice  remotsuc')
  })

  it('follows what the provider says of name and address, within its domains', async () => {
    const { body } = await world.tell('alice')
    const change = (...operations: object[]) => world.patch(`/Users/${body.id}`, ...operations)
    await change(
      { op: 'replace', path: 'displayName', value: 'Alice Brown' },
      { op: 'replace', path: 'emails[type eq "work"].value', value: at('brown') },
    )
    const account = await accountAt(at('brown'))
    expect(account.name).toBe('Alice Brown')

    await createOwn('taken')
    const taken = await change({ op: 'replace', path: 'emails', value: [{ value: at('TAKEN') }] })
    const foreign = await change({ op: 'replace', path: 'emails', value: [{ value: 'a@elsewhere.example' }] })
    expect([taken.status, taken.body.scimType, foreign.status, foreign.body.scimType]).toEqual([
      409,
      'uniqueness',
      400,
      'invalidValue',
    ])
    expect(await account.reload()).toMatchObject({ email: at('brown') })
    expect((await world.scim('GET', `/Users/${body.id}`)).body.emails).toEqual([
      { value: at('brown'), type: 'work', primary: true },
    ])
  })
})

describe('disabling', () => {
  it.each([
    ['active false', (id: string) => world.patch(`/Users/${id}`, { op: 'Replace', path: 'active', value: 'False' })],
    ['a replacement', (id: string) => world.scim('PUT', `/Users/${id}`, person(at('alice'), { active: false }))],
    ['a deletion', (id: string) => world.scim('DELETE', `/Users/${id}`)],
  ])('by %s suspends the account and ends each session, with an entry each', async (_, disable) => {
    const { body } = await world.tell('alice')
    const account = await accountAt(at('alice'))
    const [one, two] = [await signIn(world.forge, account), await signIn(world.forge, account)]

    expect((await disable(body.id)).status).toBeLessThan(300)
    expect(await account.reload()).toMatchObject({ suspended: true, suspendedBy: world.provider.id })
    for (const headers of [one, two]) {
      expect((await world.forge.app.inject({ url: '/api/v1/user', headers })).statusCode).toBe(401)
    }
    expect(await world.forge.store.Session.count({ where: { userId: account.id } })).toBe(0)
    expect(await eventsOf(account.id)).toEqual([
      'user.session.ended',
      'user.session.ended',
      'user.sso.linked',
      'user.suspended',
    ])
  })

  it('is taken back by active true, and by telling of them again', async () => {
    const { body } = await world.tell('alice')
    const account = await accountAt(at('alice'))
    await world.patch(`/Users/${body.id}`, { op: 'replace', value: { active: false } })
    await world.patch(`/Users/${body.id}`, { op: 'replace', value: { active: true } })
    expect(await account.reload()).toMatchObject({ suspended: false, suspendedBy: null })

    await world.scim('DELETE', `/Users/${body.id}`)
    expect(await account.reload()).toMatchObject({ suspended: true })
    await world.tell('alice')
    expect(await account.reload()).toMatchObject({ suspended: false })
    expect((await eventsOf(account.id)).filter((event) => event === 'user.reinstated')).toHaveLength(2)
  })

  it('by an administrator is not taken back by a provider', async () => {
    const { body } = await world.tell('alice')
    const account = await accountAt(at('alice'))
    await world.patch(`/Users/${body.id}`, { op: 'replace', value: { active: false } })
    await world.admin('PATCH', `/api/v1/users/${account.id}`, { suspended: true })

    await world.patch(`/Users/${body.id}`, { op: 'replace', value: { active: true } })
    await world.scim('DELETE', `/Users/${body.id}`)
    await world.tell('alice')
    expect(await account.reload()).toMatchObject({ suspended: true, suspendedBy: null })
  })

  it.each<[string, (user: { id: string }) => Promise<unknown>]>([
    [
      'an administrator with a password',
      async ({ id }) => world.forge.store.User.update({ admin: true }, { where: { id } }),
    ],
    [
      'an account that is in no domain of the provider any more',
      async ({ id }) => world.forge.store.User.update({ email: `moved-${id}@elsewhere.example` }, { where: { id } }),
    ],
  ])('takes from %s only what the provider gave', async (_, change) => {
    const own = await createOwn('alice')
    await linkTo(own, 'alice-1')
    const { body } = await world.tell('alice')
    await change(own)
    const through = { providerId: world.provider.id }
    const [elsewhere, here] = [await signIn(world.forge, own), await signIn(world.forge, own)]
    const [, last] = await world.forge.store.Session.findAll({ where: { userId: own.id }, order: ['createdAt'] })
    await last?.update(through)

    await world.patch(`/Users/${body.id}`, { op: 'replace', value: { active: false } })
    expect(await world.forge.store.User.findByPk(own.id)).toMatchObject({ suspended: false })
    expect(await world.forge.store.Session.findAll({ where: { userId: own.id } })).toMatchObject([{ providerId: null }])
    expect(await world.forge.store.Identity.findOne({ where: { userId: own.id } })).toMatchObject({ signedInAt: null })
    const statuses = []
    for (const headers of [elsewhere, here]) {
      statuses.push((await world.forge.app.inject({ url: '/api/v1/user', headers })).statusCode)
    }
    expect(statuses.sort()).toEqual([200, 401])

    const renamed = { op: 'replace', path: 'displayName', value: 'Somebody else' }
    await world.patch(`/Users/${body.id}`, { op: 'replace', value: { active: true } }, renamed)
    expect(await world.forge.store.User.findByPk(own.id)).toMatchObject({
      name: expect.not.stringContaining('else') as string,
    })
  })

  it('never leaves the platform without an administrator', async () => {
    const { body } = await world.tell('alice')
    const account = await accountAt(at('alice'))
    await account.update({ admin: true })
    const others = await world.forge.store.User.findAll({ where: { admin: true, suspended: false } })
    const without = async (admin: boolean) => {
      for (const other of others) if (other.id !== account.id) await other.update({ admin })
    }
    await without(false)
    try {
      const answer = await world.patch(`/Users/${body.id}`, { op: 'replace', value: { active: false } })
      expect([answer.status, answer.body.detail]).toEqual([409, expect.stringContaining('last administrator')])
      expect((await world.scim('GET', `/Users/${body.id}`)).body.active).toBe(true)
    } finally {
      await without(true)
    }
    expect((await world.patch(`/Users/${body.id}`, { op: 'replace', value: { active: false } })).status).toBe(200)
    expect(await account.reload()).toMatchObject({ suspended: true })
  })
})

describe('another provider', () => {
  it('finds nothing of this one, and cannot say anything about its people', async () => {
    const { body: alice } = await world.tell('alice')
    const { body: group } = await world.tellGroup('Makers', [alice.id])
    const other = await addProvider(world.admin, { name: 'Other', domains: [`other-${world.domain}`] })
    const speech = await speakAs(world.forge, world.admin, other.id, `other-${world.domain}`)

    const statuses = [
      await speech.scim('GET', `/Users/${alice.id}`),
      await speech.scim('PUT', `/Users/${alice.id}`, person(at('alice'))),
      await speech.patch(`/Users/${alice.id}`, { op: 'replace', value: { active: false } }),
      await speech.scim('DELETE', `/Users/${alice.id}`),
      await speech.scim('GET', `/Groups/${group.id}`),
      await speech.patch(`/Groups/${group.id}`, { op: 'remove', path: 'members' }),
      await speech.scim('DELETE', `/Groups/${group.id}`),
    ].map(({ status }) => status)
    expect(statuses).toEqual([404, 404, 404, 404, 404, 404, 404])
    expect((await speech.scim('GET', '/Users')).body.totalResults).toBe(0)
    const filter = encodeURIComponent(`members eq "${alice.id}"`)
    expect((await speech.scim('GET', `/Groups?filter=${filter}`)).body.totalResults).toBe(0)
    expect((await speech.tellGroup('Mine', [alice.id])).body.scimType).toBe('invalidValue')
    expect((await speech.scim('POST', '/Users', person(at('alice')))).body.scimType).toBe('invalidValue')
    expect((await world.scim('GET', `/Groups/${group.id}`)).body.members).toHaveLength(1)
  })
})
