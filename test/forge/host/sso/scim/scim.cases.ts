import { describe, expect, it } from 'vitest'

import { ROLE_LEVELS, type Role } from '../../../../../forge/contract/role.ts'
import { addMember, openBrowser } from '../../../../support/builders.ts'
import type { Dialect } from '../../../../support/database.ts'
import { person, useScimForge } from './scene.ts'

/** What holds of people and groups on every database, also when much is said at once. */
export function scimCases(dialect: Dialect): void {
  const world = useScimForge(dialect)
  const group = (role: string) => `ff-${world.team.slug}-${role}`
  const at = (name: string) => `${name}@${world.domain}`

  async function roleOf(name: string): Promise<Role | null> {
    const { Member, User } = world.forge.store
    const user = await User.findOne({ where: { email: at(name) }, rejectOnEmpty: true })
    const member = await Member.findOne({ where: { teamId: world.team.id, userId: user.id } })
    return (Object.keys(ROLE_LEVELS) as Role[]).find((role) => ROLE_LEVELS[role] === member?.roleLevel) ?? null
  }
  const tell = async (name: string) => (await world.tell(name)).body.id

  describe('groups', () => {
    it('give, change and take roles with each word of the provider', async () => {
      const alice = await tell('alice')
      const { body: members } = await world.tellGroup(group('member'), [alice])
      expect(await roleOf('alice')).toBe('member')

      const { body: owners } = await world.tellGroup(group('owner'))
      await world.patch(`/Groups/${owners.id}`, { op: 'add', path: 'members', value: [{ value: alice }] })
      expect(await roleOf('alice')).toBe('owner')

      await world.patch(`/Groups/${owners.id}`, { op: 'remove', path: `members[value eq "${alice}"]` })
      expect(await roleOf('alice')).toBe('member')

      await world.patch(`/Groups/${members.id}`, { op: 'replace', path: 'displayName', value: group('viewer') })
      expect(await roleOf('alice')).toBe('viewer')

      await world.scim('PUT', `/Groups/${members.id}`, { displayName: group('viewer'), members: [] })
      expect(await roleOf('alice')).toBeNull()

      await world.scim('PUT', `/Groups/${members.id}`, { displayName: group('dashboard'), members: [{ value: alice }] })
      expect(await roleOf('alice')).toBe('dashboard')

      expect((await world.scim('DELETE', `/Groups/${members.id}`)).status).toBe(204)
      expect(await roleOf('alice')).toBeNull()
    })

    it('change nothing at all when one of the members is nobody', async () => {
      const alice = await tell('alice')
      const { body: members } = await world.tellGroup(group('member'), [alice])
      const answer = await world.patch(
        `/Groups/${members.id}`,
        { op: 'replace', path: 'displayName', value: group('owner') },
        { op: 'add', path: 'members', value: [{ value: 'nobody' }] },
      )
      expect([answer.status, answer.body.scimType]).toEqual([400, 'invalidValue'])
      expect(await roleOf('alice')).toBe('member')
      expect((await world.scim('GET', `/Groups/${members.id}`)).body.displayName).toBe(group('member'))
    })

    it('keep the last owner of a team, and say so in its log', async () => {
      const { Member } = world.forge.store
      const alice = await tell('alice')
      const { body: owners } = await world.tellGroup(group('owner'), [alice])
      await Member.destroy({ where: { teamId: world.team.id, userId: world.owner.id } })

      await world.patch(`/Groups/${owners.id}`, { op: 'remove', path: 'members' })
      expect(await roleOf('alice')).toBe('owner')
      await world.scim('DELETE', `/Users/${alice}`)
      expect(await roleOf('alice')).toBe('owner')

      await addMember(world.forge, { team: world.team, user: world.owner, role: 'owner' })
      const owner = await openBrowser(world.forge, world.owner)
      const log = (await owner('GET', `/api/v1/teams/${world.team.id}/audit-log`)).json<{ log: { event: string }[] }>()
      expect(log.log.filter(({ event }) => event === 'team.user.last-owner-kept')).toHaveLength(1)
    })

    it('are gone with the person, and what was set by hand stays', async () => {
      const [alice, bob] = [await tell('alice'), await tell('bob')]
      const { User, Member } = world.forge.store
      const account = await User.findOne({ where: { email: at('bob') }, rejectOnEmpty: true })
      await addMember(world.forge, { team: world.team, user: account, role: 'viewer' })
      const { body: members } = await world.tellGroup(group('member'), [alice])

      await world.scim('DELETE', `/Users/${alice}`)
      expect(await roleOf('alice')).toBeNull()
      expect((await world.scim('GET', `/Groups/${members.id}`)).body.members).toEqual([])
      await world.scim('DELETE', `/Users/${bob}`)
      expect(await Member.count({ where: { userId: account.id } })).toBe(1)
    })
  })

  it('names that are too long in lower case are refused like others that are too long', async () => {
    const name = 'İ'.repeat(200)
    const answers = [await world.tell('alice', { userName: name }), await world.tellGroup(name)]
    expect(answers.map(({ status, body }) => [status, body.scimType])).toEqual([
      [400, 'invalidValue'],
      [400, 'invalidValue'],
    ])
  })

  describe('at the same time', () => {
    it('two who tell of the same person are one 201 and one 409', async () => {
      const answers = await Promise.all([0, 1, 2, 3].map(() => world.tell('alice')))
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409])
      expect(answers.filter(({ body }) => body.scimType === 'uniqueness')).toHaveLength(3)
      expect(await world.forge.store.User.count({ where: { email: at('alice') } })).toBe(1)
    })

    it('people with the same name are all told of', async () => {
      const same = (email: string) => world.scim('POST', '/Users', person(email, { userName: `alice@${email}` }))
      const answers = await Promise.all(['a', 'b', 'c', 'd'].map((name) => same(at(name))))
      expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201])
    })

    it('changes of a group lose no member', async () => {
      const ids = []
      for (let i = 0; i < 8; i++) ids.push(await tell(`p${i}`))
      const { body: members } = await world.tellGroup(group('member'), ids.slice(0, 4))

      const add = ids.slice(4).map((value) => ({ op: 'add', path: 'members', value: [{ value }] }))
      const remove = ids.slice(0, 2).map((id) => ({ op: 'remove', path: `members[value eq "${id}"]` }))
      const answers = await Promise.all([...add, ...remove].map((each) => world.patch(`/Groups/${members.id}`, each)))
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 204))

      const { body } = await world.scim('GET', `/Groups/${members.id}`)
      expect(body.members?.map(({ value }) => value).sort()).toEqual(ids.slice(2).sort())
      expect(body.meta.version).toBe('W/"7"')
      const roles = []
      for (let i = 0; i < 8; i++) roles.push(await roleOf(`p${i}`))
      expect(roles).toEqual([null, null, ...Array.from({ length: 6 }, () => 'member')])
    })

    it('changes of two groups of the same people come to what both say', async () => {
      const ids = [await tell('a'), await tell('b')]
      const { body: viewers } = await world.tellGroup(group('viewer'))
      const { body: members } = await world.tellGroup(group('member'))
      const everybody = { op: 'add', path: 'members', value: ids.map((value) => ({ value })) }
      const answers = await Promise.all([viewers, members].map(({ id }) => world.patch(`/Groups/${id}`, everybody)))
      expect(answers.map(({ status }) => status)).toEqual([204, 204])
      expect([await roleOf('a'), await roleOf('b')]).toEqual(['member', 'member'])
    })

    it('one version is changed by one of those who know it', async () => {
      const id = await tell('alice')
      const headers = { authorization: `Bearer ${world.token}`, 'if-match': 'W/"1"' }
      const write = (given: string) =>
        world.scim('PUT', `/Users/${id}`, person(at('alice'), { displayName: given }), headers)
      const answers = await Promise.all(['A', 'B', 'C'].map(write))
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412])
    })
  })
}
