import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'

import { describe, expect, it, vi } from 'vitest'

import type { AuditLogPage } from '../../../../../forge/contract/audit.ts'
import type { User } from '../../../../../forge/contract/host.ts'
import { createUser } from '../../../../support/builders.ts'
import { openWalkingBrowser, type WalkingBrowser } from '../../../../support/sso/browser.ts'
import { certificateOf, dnOf, groupDn, hasSlapd, passwordOf, PEOPLE } from '../../../../support/sso/slapd.ts'
import { NOW, useLdapWorld } from './scene.ts'

describe.runIf(hasSlapd)('signing in with a password of a directory', () => {
  const world = useLdapWorld()
  const me = async (browser: WalkingBrowser) => (await browser.call('GET', '/api/v1/user')).json<User>()
  /** What a sign-in says: status and code, or what it is refused for. */
  const outcome = async (username: string, password: string) => {
    const answer = await world.type(username, password)
    return answer.statusCode === 204 ? 204 : [answer.statusCode, answer.json<{ code: string }>().code]
  }
  const REFUSED = [401, 'invalid_login']

  it('mints tokens that name the person, the role of the group, and how they signed in', async () => {
    const browser = await world.signIn('alice')
    expect(await me(browser)).toMatchObject({ username: 'alice', name: 'Alice Arnold', email: 'alice@acme.example' })

    const { token } = await world.mint(browser)
    expect(await world.introspect(token)).toMatchObject({
      active: true,
      username: 'alice',
      roles: ['member'],
      auth_time: NOW / 1000,
      amr: ['pwd'],
    })
  })

  it('knows the person again by the unique id of the entry, whatever their names are now', async () => {
    const { id } = await me(await world.signIn('alice'))
    await world.directory.change(dnOf('alice'), { mail: ['arnold@acme.example'] })
    expect((await me(await world.signIn('alice'))).id).toBe(id)

    await world.directory.delete(dnOf('alice'))
    await world.directory.addPerson('alice')
    expect(await outcome('alice', passwordOf('alice'))).toEqual([403, 'forbidden'])
  })

  it.each([
    ['memberOf', {}],
    ['entries of groups', { groupsFrom: 'search' }],
  ] as const)('finds groups, and those that they are in, by %s', async (_, change) => {
    await world.directory.addGroup('ff-line-4-owner', [groupDn('ff-line-4-member')])
    const level = async () =>
      (await world.forge.store.Member.findOne({ where: { managedBy: world.provider.id } }))?.roleLevel
    await world.configure(change)
    await world.signIn('alice')
    expect(await level()).toBe(30)

    // Groups that are in each other end all the same.
    await world.directory.setMembers('ff-line-4-member', ['alice', groupDn('ff-line-4-owner')])
    await world.configure({ ...change, nestedGroups: true })
    await world.signIn('alice')
    expect(await level()).toBe(50)
  })

  it('finds groups by uniqueMember and memberUid too', async () => {
    await world.configure({ groupsFrom: 'search' })
    const dn = 'cn=ff-line-4-viewer,ou=groups,dc=acme,dc=example'
    await world.directory.add(dn, {
      objectClass: 'groupOfUniqueNames',
      cn: 'ff-line-4-viewer',
      uniqueMember: dnOf('bob'),
    })
    await world.signIn('bob')
    expect(await world.forge.store.Member.findOne({ where: { roleLevel: 10 } })).not.toBeNull()
    await world.directory.delete(dn)
    await world.directory.add(dn, {
      objectClass: 'posixGroup',
      cn: 'ff-line-4-viewer',
      gidNumber: '1',
      memberUid: 'bob',
    })
    await world.signIn('bob')
    expect(await world.forge.store.Member.findOne({ where: { roleLevel: 10 } })).not.toBeNull()
  })

  it('says the same of a wrong password, of nobody, of two with the name, and of who is disabled', async () => {
    await world.directory.add(`cn=twin,${PEOPLE}`, {
      objectClass: ['inetOrgPerson'],
      uid: 'bob',
      cn: 'twin',
      sn: 'twin',
      userPassword: 'twin',
    })
    await world.directory.addPerson('dora')
    await world.directory.change(dnOf('dora'), { nsAccountLock: ['TRUE'] })

    const answers = await Promise.all([
      world.type('alice', 'wrong'),
      world.type('nobody', 'wrong'),
      world.type('bob', passwordOf('bob')),
      world.type('dora', passwordOf('dora')),
    ])
    expect(answers.map(({ statusCode, body }) => [statusCode, body])).toEqual(
      answers.map(() => [401, '{"code":"invalid_login","error":"The user name or the password is wrong."}']),
    )
    expect(answers.every(({ headers }) => headers['set-cookie'] === undefined)).toBe(true)
  })

  it('finds nobody by what would be another filter, if it were not escaped', async () => {
    const names = [
      '*',
      'a*',
      'alice)(uid=*',
      '*)(objectClass=*',
      'alice)(|(uid=*)',
      '\\2a',
      'al\\69ce',
      '(',
      'alice\\',
      'x)(&(uid=alice',
    ]
    for (const name of names) expect([name, await outcome(name, passwordOf('alice'))]).toEqual([name, REFUSED])
  })

  it('never asks a directory with an empty password, which it would take for nobody and let in', async () => {
    for (const password of ['', '\u0000', '\u0000x']) {
      expect(await outcome('alice', password)).toEqual([400, 'invalid_request'])
    }
    expect(await world.forge.store.Session.count({ where: { providerId: world.provider.id } })).toBe(0)
  })

  it('stops guessing after ten wrong passwords, however the name is spelt', async () => {
    for (let count = 0; count < 10; count++) await world.type('alice', `wrong ${count}`)
    expect(await outcome('ALICE', passwordOf('alice'))).toEqual([429, 'too_many_requests'])
    // By another spelling it is not said that there is such an entry.
    expect(await outcome('alice@acme.example', passwordOf('alice'))).toEqual(REFUSED)
    expect(await outcome('bob', passwordOf('bob'))).toBe(204)

    vi.setSystemTime(NOW + 5 * 60_000)
    expect(await outcome('alice', passwordOf('alice'))).toBe(204)
  })

  it('follows no referral', async () => {
    const elsewhere = await openSilentServer()
    await world.directory.add(`ou=elsewhere,${PEOPLE}`, {
      objectClass: ['referral', 'extensibleObject'],
      ou: 'elsewhere',
      ref: `ldap://127.0.0.1:${elsewhere.port}/ou=elsewhere,${PEOPLE}`,
    })
    expect(await outcome('nobody', 'x')).toEqual(REFUSED)
    expect(await outcome('alice', passwordOf('alice'))).toBe(204)
    await world.configure({ baseDn: `ou=elsewhere,${PEOPLE}` })
    expect(await outcome('alice', passwordOf('alice'))).toEqual([503, 'unavailable'])
    expect(elsewhere.seen()).toBe(0)
    await elsewhere.close()
  })

  it('knows people by a binary id, as Windows has it', async () => {
    const bytes = Buffer.from('00112233445566778899aabbccddeeff', 'hex')
    await world.directory.change(dnOf('alice'), { objectGUID: [bytes], userAccountControl: ['512'] })
    await world.configure({ idAttribute: 'objectGUID' })
    await world.signIn('alice')
    expect(await world.forge.store.Identity.findAll()).toMatchObject([
      { issuer: 'ldap:objectguid', subject: '33221100-5544-7766-8899-aabbccddeeff' },
    ])
    expect(await world.check()).toMatchObject({ problem: null, people: 1, ended: 0 })
    await world.directory.change(dnOf('alice'), { userAccountControl: ['514'] })
    expect(await outcome('alice', passwordOf('alice'))).toEqual(REFUSED)
    expect(await world.check()).toMatchObject({ problem: null, people: 1, ended: 1 })

    await expect(world.configure({ idAttribute: 'entryUUID' })).rejects.toThrow('linked by the attribute')
  })

  it("gives nobody another's account for having their address", async () => {
    const local = await createUser(world.forge, { username: 'vera' })
    await world.forge.store.User.update({ email: 'vera@acme.example' }, { where: { id: local.id } })
    await world.directory.addPerson('vera')
    await world.directory.addPerson('mallory', { mail: 'vera@acme.example' })
    expect(await outcome('mallory', passwordOf('mallory'))).toEqual([403, 'forbidden'])

    await world.directory.change(dnOf('mallory'), { mail: ['vera@elsewhere.example'] })
    expect(await outcome('mallory', passwordOf('mallory'))).toEqual([403, 'forbidden'])
    expect((await me(await world.signIn('vera'))).id).toBe(local.id)
    await world.directory.delete(dnOf('vera'))
    await world.directory.change(dnOf('mallory'), { mail: ['vera@acme.example'] })
    expect(await outcome('mallory', passwordOf('mallory'))).toEqual([403, 'forbidden'])
  })

  it('is a new proof for minting, and stands in the log of the person', async () => {
    const browser = await world.signIn('alice')
    vi.setSystemTime(NOW + 20 * 60_000)
    await expect(world.mint(browser)).rejects.toThrow('reauthentication_required')

    const address = `/account/sso/${world.provider.id}/start?reauthenticate=true&return_to=/settings/tokens/new`
    expect(await browser.walk(address)).toBe(`/login/${world.provider.id}?return=%2Fsettings%2Ftokens%2Fnew`)
    await world.signIn('alice', browser)
    await world.mint(browser)
    const log = await browser.call('GET', '/api/v1/tokens/audit-log?event=user.reauthenticated')
    expect(log.json<AuditLogPage>().log.map(({ body }) => body)).toEqual([{ method: 'sso' }])
  })

  it('ends with the provider, which is found by the domain', async () => {
    const browser = openWalkingBrowser(world.forge)
    const { id } = world.provider
    const found = {
      provider: { id, name: 'Acme', signInUrl: `http://forge.test/account/sso/${id}/start`, asksForPassword: true },
    }
    const find = async () =>
      (await browser.call('POST', '/account/sso/find', { email: 'x@acme.example' })).json<object>()
    expect(await find()).toEqual(found)
    expect((await browser.call('GET', `/account/sso/${id}`)).json()).toEqual(found)

    await world.configure({}, { enabled: false })
    expect((await browser.call('GET', `/account/sso/${id}`)).json()).toEqual({ provider: null })
    expect(await outcome('alice', passwordOf('alice'))).toEqual([403, 'forbidden'])
    expect((await browser.call('GET', `/account/sso/${id}/callback?state=x`)).statusCode).toBe(404)
  })

  describe('over TLS', () => {
    const secureUrl = () => world.directory.secureUrl

    it.each([
      ['LDAPS', async () => ({ url: secureUrl() })],
      ['StartTLS', async () => ({ url: world.directory.url, startTls: true })],
    ])('goes by %s, with a certificate of the authority that was named alone', async (_, reach) => {
      await world.configure({ ...(await reach()), caCertificate: await certificateOf('ca') })
      expect(await outcome('alice', passwordOf('alice'))).toBe(204)

      for (const caCertificate of ['', await certificateOf('other')]) {
        await world.configure({ ...(await reach()), caCertificate, bindPassword: 'x' })
        expect(await outcome('alice', passwordOf('alice'))).toEqual([503, 'unavailable'])
      }
    })

    it('takes no certificate of another name', async () => {
      const url = secureUrl().replace('127.0.0.1', '127.0.0.2')
      await world.configure({ url, caCertificate: await certificateOf('ca') })
      expect(await outcome('alice', passwordOf('alice'))).toEqual([503, 'unavailable'])
    })
  })

  describe('where the directory does not answer', () => {
    it('says so to its own people, and lets everybody else in with their passwords', async () => {
      await world.directory.stop()
      const answer = await world.type('alice', passwordOf('alice'))
      expect([answer.statusCode, answer.headers['retry-after'], answer.json()]).toEqual([
        503,
        '30',
        { code: 'unavailable', error: 'Acme does not answer right now. Try again in a few minutes.' },
      ])
      const { username, password } = world.olga
      const login = { method: 'POST', url: '/account/login', payload: { username, password } } as const
      expect((await world.forge.app.inject(login)).statusCode).toBe(200)
      await world.directory.start()
      expect(await outcome('alice', passwordOf('alice'))).toBe(204)
    })

    it('ends after five seconds, and nobody else waits meanwhile', async () => {
      const silent = await openSilentServer()
      await world.configure({ url: `ldap://127.0.0.1:${silent.port}` })
      const people = Array.from({ length: 12 }, (_, index) => world.type(`somebody-${index}`, 'x'))
      let settled = false
      void Promise.race(people).then(() => (settled = true))

      await vi.waitFor(() => expect(silent.sockets.size).toBe(8), { timeout: 4_000 })
      const { username, password } = world.olga
      const login = await world.forge.app.inject({
        method: 'POST',
        url: '/account/login',
        payload: { username, password },
      })
      expect([login.statusCode, settled]).toEqual([200, false])

      const statuses = (await Promise.all(people)).map(({ statusCode }) => statusCode)
      expect(new Set(statuses)).toEqual(new Set([503]))
      await vi.waitFor(() => expect(silent.sockets.size).toBe(0))
      await silent.close()
    })
  })
})

/** It takes every connection, and never says anything. */
async function openSilentServer() {
  const sockets = new Set<Socket>()
  let seen = 0
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    seen += 1
    socket.on('error', () => undefined).resume()
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return {
    sockets,
    seen: () => seen,
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => void server.close(resolve)),
  }
}
