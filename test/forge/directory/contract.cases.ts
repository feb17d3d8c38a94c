import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { Directory } from '../../../forge/directory/directory.ts'

/** What stands behind a directory, and how its host changes it. Ids are those that the directory speaks of. */
export interface DirectoryWorld {
  directory: Directory
  createUser(username: string): Promise<string>
  createTeam(slug: string): Promise<string>
  createApplication(teamId: string, name: string): Promise<string>
  createInstance(applicationId: string, name: string): Promise<string>
  addMember(teamId: string, userId: string, roleLevel: number): Promise<void>
  setRole(teamId: string, userId: string, roleLevel: number): Promise<void>
  removeMember(teamId: string, userId: string): Promise<void>
  setOverride(applicationId: string, userId: string, roleLevel: number): Promise<void>
  suspendUser(userId: string): Promise<void>
  suspendTeam(teamId: string): Promise<void>
  moveApplication(applicationId: string, teamId: string): Promise<void>
  deleteUser(userId: string): Promise<void>
  deleteInstance(instanceId: string): Promise<void>
  close(): Promise<void>
}

/** What not every host can do. */
export interface HostAbilities {
  /** An application may override a member's role. */
  overrides: boolean
  /** A whole team may be suspended. */
  teamSuspension: boolean
  /** An application may move to another team. */
  moves: boolean
}

const OWNER = 50
const MEMBER = 30
const VIEWER = 10

/** What the module relies on, whoever keeps the people and the instances. */
export function directoryContract(setUp: () => Promise<DirectoryWorld>, can: HostAbilities): void {
  let world: DirectoryWorld
  let directory: Directory
  let alice: string
  let bob: string
  let team: string
  let application: string
  let instance: string

  beforeEach(async () => {
    world = await setUp()
    directory = world.directory
    alice = await world.createUser('alice')
    bob = await world.createUser('bob')
    team = await world.createTeam('line-4')
    application = await world.createApplication(team, 'Packaging')
    instance = await world.createInstance(application, 'packer')
  })
  afterEach(() => world.close())

  describe('access', () => {
    it('tells all about a member at an instance, in the same words everywhere', async () => {
      await world.addMember(team, alice, MEMBER)

      expect(await directory.access(alice, instance)).toMatchObject({
        user: {
          id: alice,
          username: 'alice',
          name: 'Alice',
          email: 'alice@example.com',
          picture: null,
          suspended: false,
        },
        team: { id: team, name: 'line-4', slug: 'line-4', suspended: false },
        instance: {
          id: instance,
          name: 'packer',
          url: 'https://packer.example.com',
          applicationId: application,
          production: false,
        },
        teamRoleLevel: MEMBER,
        overrideLevel: null,
        sso: null,
      })
    })

    it('has no role for somebody outside the team', async () => {
      await world.addMember(team, bob, OWNER)

      expect(await directory.access(alice, instance)).toMatchObject({ teamRoleLevel: null, overrideLevel: null })
    })

    it('tells each change at once', async () => {
      await world.addMember(team, alice, OWNER)
      await world.setRole(team, alice, VIEWER)
      expect(await directory.access(alice, instance)).toMatchObject({ teamRoleLevel: VIEWER })

      await world.suspendUser(alice)
      expect(await directory.access(alice, instance)).toMatchObject({ user: { suspended: true } })

      await world.removeMember(team, alice)
      expect(await directory.access(alice, instance)).toMatchObject({ teamRoleLevel: null })

      await world.deleteUser(alice)
      expect(await directory.access(alice, instance)).toBeNull()
    })

    if (can.overrides) {
      it('tells an override, and one that shuts the member out', async () => {
        await world.addMember(team, alice, OWNER)
        await world.setOverride(application, alice, VIEWER)
        expect(await directory.access(alice, instance)).toMatchObject({ teamRoleLevel: OWNER, overrideLevel: VIEWER })

        await world.setOverride(application, alice, 0)
        expect(await directory.access(alice, instance)).toMatchObject({ teamRoleLevel: OWNER, overrideLevel: 0 })
      })
    }

    if (can.overrides) {
      it('has no override for who is no member any more', async () => {
        await world.addMember(team, alice, OWNER)
        await world.setOverride(application, alice, VIEWER)
        await world.removeMember(team, alice)

        expect(await directory.access(alice, instance)).toMatchObject({ teamRoleLevel: null, overrideLevel: null })
      })
    }

    if (can.teamSuspension) {
      it('tells that the team is suspended', async () => {
        await world.suspendTeam(team)

        expect(await directory.access(alice, instance)).toMatchObject({ team: { suspended: true } })
      })
    }

    if (can.moves) {
      it('knows what was moved to another team as something else there', async () => {
        const other = await world.createTeam('line-5')
        await world.addMember(team, alice, OWNER)
        await world.addMember(other, alice, OWNER)
        await world.moveApplication(application, other)

        expect(await directory.access(alice, instance)).toBeNull()
        expect(await directory.instance(instance)).toBeNull()
        expect(await directory.names({ instances: [instance], applications: [application], teams: [] })).toEqual({
          instances: new Map(),
          applications: new Map(),
          teams: new Map(),
        })
        expect((await directory.team(team))?.applications).toEqual([])
        const [there] = (await directory.team(other))?.applications ?? []
        expect(there).toMatchObject({ name: 'Packaging', instances: [{ name: 'packer' }] })
        expect(there?.id).not.toBe(application)
        expect(await directory.access(alice, there?.instances[0]?.id ?? '')).toMatchObject({ team: { id: other } })
      })
    }

    it('is null for what does not exist, whatever it looks like', async () => {
      const nothing = ['nobody', '', '1', '-1', "' OR 1=1 --", '9'.repeat(30), '00000000-0000-4000-8000-000000000000']
      for (const id of nothing) {
        expect(await directory.access(id, instance)).toBeNull()
        expect(await directory.access(alice, id)).toBeNull()
      }

      await world.deleteInstance(instance)
      expect(await directory.access(alice, instance)).toBeNull()
    })

    it('never takes the id of one kind for that of another', async () => {
      expect(await directory.access(team, instance)).toBeNull()
      expect(await directory.access(application, instance)).toBeNull()
      expect(await directory.team(application)).toBeNull()
      expect(await directory.memberships(team)).toEqual([])
    })
  })

  describe('memberships', () => {
    it('lists teams, applications and instances by name, with the role in each', async () => {
      const empty = await world.createTeam('an-empty-team')
      const second = await world.createApplication(team, 'Secret')
      await world.addMember(team, alice, MEMBER)
      await world.addMember(empty, alice, OWNER)
      if (can.overrides) await world.setOverride(second, alice, 0)

      expect(await directory.memberships(alice)).toEqual([
        {
          team: { id: empty, name: 'an-empty-team', slug: 'an-empty-team', suspended: false },
          roleLevel: OWNER,
          sso: null,
          applications: [],
        },
        {
          team: { id: team, name: 'line-4', slug: 'line-4', suspended: false },
          roleLevel: MEMBER,
          sso: null,
          applications: [
            {
              id: application,
              name: 'Packaging',
              roleLevel: MEMBER,
              instances: [{ id: instance, name: 'packer', url: 'https://packer.example.com', production: false }],
            },
            { id: second, name: 'Secret', roleLevel: can.overrides ? 0 : MEMBER, instances: [] },
          ],
        },
      ])
    })

    it('has nothing for a stranger', async () => {
      expect(await directory.memberships(alice)).toEqual([])
      expect(await directory.memberships('nobody')).toEqual([])
    })
  })

  describe('a team', () => {
    it('is told with all that is in it', async () => {
      const second = await world.createInstance(application, 'unpacker')

      expect(await directory.team(team)).toEqual({
        id: team,
        name: 'line-4',
        slug: 'line-4',
        suspended: false,
        provider: null,
        applications: [
          {
            id: application,
            name: 'Packaging',
            instances: [
              { id: instance, name: 'packer', url: 'https://packer.example.com', production: false },
              { id: second, name: 'unpacker', url: 'https://unpacker.example.com', production: false },
            ],
          },
        ],
      })
      expect(await directory.team('nothing')).toBeNull()
    })

    it('names its owners, and those of the given people who are in it', async () => {
      await world.addMember(team, alice, OWNER)
      await world.addMember(team, bob, MEMBER)

      expect(await directory.ownersOf(team)).toEqual([alice])
      expect(await directory.ownersOf('nothing')).toEqual([])
      const members = await directory.members(team, [bob, 'nobody'])
      expect(members).toMatchObject([{ userId: bob, roleLevel: MEMBER, overrides: [] }])
      expect(await directory.members(team, [])).toEqual([])
      expect(await directory.members('nothing', [bob])).toEqual([])
    })

    if (can.overrides) {
      it('tells the overrides of its members', async () => {
        await world.addMember(team, alice, OWNER)
        await world.setOverride(application, alice, VIEWER)

        const [member] = await directory.members(team, [alice])
        expect(member?.overrides).toEqual([{ applicationId: application, roleLevel: VIEWER }])
      })
    }
  })

  it('tells an instance with its team, and people', async () => {
    expect(await directory.instance(instance)).toEqual({
      id: instance,
      name: 'packer',
      applicationId: application,
      team: { id: team, name: 'line-4' },
    })
    expect(await directory.instance('nothing')).toBeNull()

    await world.suspendUser(bob)
    const people = await directory.people([alice, bob, 'nobody'])
    expect(people).toHaveLength(2)
    expect(people).toEqual(
      expect.arrayContaining([
        { id: alice, username: 'alice', name: 'Alice', email: 'alice@example.com', suspended: false },
        { id: bob, username: 'bob', name: 'Bob', email: 'bob@example.com', suspended: true },
      ]),
    )
    expect(await directory.people([])).toEqual([])
  })

  it('names what exists and leaves out what is gone', async () => {
    const wanted = {
      instances: [instance, 'gone', '00000000-0000-4000-8000-000000000000'],
      applications: [application, 'gone'],
      teams: [team],
    }
    expect(await directory.names(wanted)).toEqual({
      instances: new Map([[instance, 'packer']]),
      applications: new Map([[application, 'Packaging']]),
      teams: new Map([[team, 'line-4']]),
    })
    expect(await directory.names({ instances: [], applications: [], teams: [] })).toEqual({
      instances: new Map(),
      applications: new Map(),
      teams: new Map(),
    })
  })
}
