import { describe, expect, it, vi } from 'vitest'

import type { AuditLogPage } from '../../../../../forge/contract/audit.ts'
import type { ProviderOf } from '../../../../../forge/contract/sso.ts'
import { createDirectories } from '../../../../../forge/host/sso/ldap/directories.ts'
import { ldapChecksTask } from '../../../../../forge/host/sso/ldap/checks.ts'
import type { Ldap } from '../../../../../forge/host/sso/ldap/ldap.ts'
import { createVault } from '../../../../../forge/host/sso/vault.ts'
import { createAuditWriter } from '../../../../../forge/audit/audit.ts'
import { openBrowser } from '../../../../support/builders.ts'
import type { Dialect } from '../../../../support/database.ts'
import { eventually } from '../../../../support/eventually.ts'
import type { WalkingBrowser } from '../../../../support/sso/browser.ts'
import { dnOf, GROUPS, PEOPLE } from '../../../../support/sso/slapd.ts'
import { NOW, useLdapWorld } from './scene.ts'

/** What a look at the people of a directory does, on every database; what is about the directory alone, on one. */
export function checkCases(dialect: Dialect): void {
  const once = dialect === 'sqlite'
  const world = useLdapWorld(dialect)
  const isSignedIn = async (browser: WalkingBrowser) => (await browser.call('GET', '/api/v1/user')).statusCode === 200
  const refused = (token: string) =>
    eventually(async () => expect(await world.introspect(token)).toEqual({ active: false }))
  const events = async () => {
    const olga = await openBrowser(world.forge, world.olga)
    const answer = await olga('GET', `/api/v1/teams/${world.team.id}/audit-log`)
    return answer
      .json<AuditLogPage>()
      .log.map(({ event }) => event)
      .filter((event) => event.startsWith('team.'))
  }
  const lastCheck = async () =>
    (await world.admin('GET', `/api/v1/sso/providers/${world.provider.id}`)).json<ProviderOf<'ldap'>>().lastCheck

  describe('a look at the people of a directory', () => {
    it.each([['memberOf', {}], ...(once ? ([['entries of groups', { groupsFrom: 'search' }]] as const) : [])] as const)(
      'lets roles follow the groups at once, by %s',
      async (_, change) => {
        await world.configure(change)
        const browser = await world.signIn('alice')
        const { token } = await world.mint(browser)
        expect(await world.check()).toMatchObject({ problem: null, people: 1, ended: 0, changed: 0 })

        await world.directory.addGroup('ff-line-4-viewer', ['alice', 'bob'])
        await world.directory.setMembers('ff-line-4-member', ['bob'])
        expect(await world.check()).toMatchObject({ changed: 1 })
        await eventually(async () => expect(await world.introspect(token)).toMatchObject({ roles: ['viewer'] }))

        await world.directory.setMembers('ff-line-4-viewer', ['bob'])
        expect(await world.check()).toMatchObject({ problem: null, ended: 0, changed: 1 })
        await refused(token)
        expect(await isSignedIn(browser)).toBe(true)
        expect(await events()).toEqual(['team.user.removed', 'team.user.role-changed', 'team.user.added'])
      },
    )

    const endings: [string, () => Promise<void>][] = [
      ['disabled', () => world.directory.change(dnOf('alice'), { nsAccountLock: ['TRUE'] })],
      ['marked as left', () => world.directory.change(dnOf('alice'), { description: ['left'] })],
    ]
    it.each([['deleted', () => world.directory.delete(dnOf('alice'))], ...(once ? endings : [])])(
      'ends the sessions and tokens of whom was %s, once',
      async (_, end) => {
        const userFilter = '(&(uid=${username})(!(description=left)))'
        await world.configure({ userFilter })
        const alice = await world.signIn('alice')
        const bob = await world.signIn('bob')
        const { token } = await world.mint(alice)
        expect(await world.introspect(token)).toMatchObject({ active: true })

        await end()
        expect(await world.check()).toMatchObject({ problem: null, people: 2, ended: 1 })
        await refused(token)
        expect([await isSignedIn(alice), await isSignedIn(bob)]).toEqual([false, true])
        expect(await world.check()).toMatchObject({ people: 1, ended: 0 })

        const [entries] = await world.forge.db.query(
          'SELECT event, actor_type AS actor, actor_name AS name FROM pat_audit_entries WHERE event IN ($1, $2) ORDER BY event',
          { bind: ['user.sso.sign-in-withdrawn', 'user.session.ended'] },
        )
        const by = { actor: 'identity-provider', name: 'Acme' }
        expect(entries).toEqual([
          { event: 'user.session.ended', ...by },
          { event: 'user.sso.sign-in-withdrawn', ...by },
        ])
      },
    )

    it('revives tokens of who is there again and signs in', async () => {
      const { token } = await world.mint(await world.signIn('alice'))
      await world.directory.change(dnOf('alice'), { nsAccountLock: ['TRUE'] })
      await world.check()
      await refused(token)

      await world.directory.change(dnOf('alice'), { nsAccountLock: [] })
      await world.check()
      await refused(token)
      await world.signIn('alice')
      await eventually(async () => expect(await world.introspect(token)).toMatchObject({ active: true }))
    })

    if (once)
      it('changes nothing while the directory is down, refuses the forge, or is not there', async () => {
        const alice = await world.signIn('alice')
        const { token } = await world.mint(alice)
        const still = async (problem: string) => {
          expect(await world.check()).toMatchObject({ problem, ended: 0, changed: 0 })
          expect(await lastCheck()).toMatchObject({ problem })
          expect(await isSignedIn(alice)).toBe(true)
          expect(await world.introspect(token)).toMatchObject({ active: true, roles: ['member'] })
        }
        await world.directory.stop()
        await still('ldap_connect')
        await world.directory.start()

        await world.configure({ bindPassword: 'changed meanwhile' })
        await still('ldap_bind')
        await world.configure({ baseDn: 'ou=moved,dc=acme,dc=example' })
        await still('ldap_base')
        await world.configure({ groupsFrom: 'search', groupBaseDn: 'ou=moved,dc=acme,dc=example' })
        await still('ldap_search')
      })

    if (once)
      it('changes nothing when a directory shows nobody, or no groups, as to who may not see them', async () => {
        const alice = await world.signIn('alice')
        const { token } = await world.mint(alice)
        const still = async () => {
          expect(await world.check()).toMatchObject({ problem: 'ldap_suspicious', ended: 0, changed: 0 })
          expect(await isSignedIn(alice)).toBe(true)
          expect(await world.introspect(token)).toMatchObject({ active: true, roles: ['member'] })
        }
        // A base that is there, and where nobody is.
        await world.configure({ baseDn: GROUPS })
        await still()
        await world.configure({ memberOfAttribute: 'seeAlso' })
        await still()
        await world.configure({ groupsFrom: 'search', groupBaseDn: PEOPLE })
        await still()

        // Three people are not all gone at once.
        await world.configure()
        await world.directory.addPerson('carol')
        await world.directory.addPerson('dora')
        await world.signIn('bob')
        await world.signIn('carol')
        for (const uid of ['alice', 'bob', 'carol']) await world.directory.delete(dnOf(uid))
        await still()
      })

    it('leaves alone who has signed in since it began, and whose groups SCIM tells', async () => {
      await world.signIn('alice')
      await world.forge.store.Identity.update({ signedInAt: new Date(NOW + 1) }, { where: {} })
      await world.directory.delete(dnOf('alice'))
      expect(await world.check()).toMatchObject({ people: 1, ended: 0 })

      await world.signIn('bob')
      const scim = `/api/v1/sso/providers/${world.provider.id}/scim/token`
      await world.admin('POST', scim)
      await world.forge.store.ScimConnection.update({ tellsGroups: true }, { where: {} })
      await world.directory.addGroup('ff-line-4-owner', ['bob'])
      expect(await world.check()).toMatchObject({ changed: 0 })
    })

    if (once)
      it('looks page by page at however many there are', async () => {
        await Promise.all(Array.from({ length: 30 }, (_, index) => world.directory.addPerson(`p${index}`)))
        for (let index = 0; index < 30; index++) await world.signIn(`p${index}`)
        await world.directory.addGroup('ff-line-4-member-2', ['p29'])
        await world.directory.delete(dnOf('p3'))
        expect(await world.check()).toMatchObject({ problem: null, people: 30, ended: 1, changed: 1 })
      })

    it('is done by itself when it is due, by one of several forges, and with its own interval', async () => {
      await world.configure({ checkMinutes: 20 })
      await world.signIn('alice')
      await world.directory.delete(dnOf('alice'))
      const run = () => ldapChecksTask(ldapOf()).run(new Date(), () => false)

      vi.setSystemTime(NOW + 20 * 60_000 - 1)
      await run()
      expect(await lastCheck()).toBeNull()
      vi.setSystemTime(NOW + 20 * 60_000)
      await Promise.all([run(), run()])
      expect(await lastCheck()).toMatchObject({ problem: null })
      expect(await world.forge.store.Session.count({ where: { providerId: world.provider.id } })).toBe(0)
      const [entries] = await world.forge.db.query('SELECT event FROM pat_audit_entries WHERE event = $1', {
        bind: ['user.sso.sign-in-withdrawn'],
      })
      expect(entries).toHaveLength(1)

      await world.configure({ checkMinutes: 20 }, { enabled: false })
      vi.setSystemTime(NOW + 60 * 60_000)
      await run()
      expect(await lastCheck()).toMatchObject({ at: new Date(NOW + 20 * 60_000).toISOString() })
    })
  })

  /** Another forge on the same database. */
  function ldapOf(): Ldap {
    const { forge } = world
    const vault = createVault(forge.keys)
    return {
      sessions: { store: forge.store, cookie: { read: () => null, write: () => undefined, clear: () => undefined } },
      vault,
      audit: createAuditWriter(forge.db, forge.keys),
      baseUrl: forge.url,
      log: forge.app.log,
      directories: createDirectories(vault),
      attempts: { begin: async () => ({ takeBack: async () => undefined }) },
      checking: new Map(),
    }
  }
}
