import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { createDirectory } from '../../../forge/host/directory.ts'
import { createCredentials } from '../../../forge/host/instances/credentials.ts'
import { createSessionCookie } from '../../../forge/host/sessions/cookie.ts'
import type { Directory } from '../../../forge/directory/directory.ts'
import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  createUser,
  setOverride,
  type TestApplication,
  type TestInstance,
  type TestUser,
} from '../../support/builders.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

let forge: TestForge
let directory: Directory
let alice: TestUser
let team: { id: string; name: string; slug: string }
let application: TestApplication
let instance: TestInstance

beforeEach(async () => {
  forge = await startForge()
  const { store, keys } = forge
  const credentials = createCredentials(store, keys, (error) => expect.unreachable(String(error)))
  directory = createDirectory({ store, cookie: createSessionCookie(forge.url) }, credentials)

  alice = await createUser(forge, { username: 'alice' })
  team = await createTeam(forge, { slug: 'line-4', name: 'Line 4' })
  application = await createApplication(forge, { team, name: 'Packaging' })
  instance = await createInstance(forge, { application, name: 'packer', url: 'https://packer.example.com' })
})
afterEach(() => forge.close())

describe('access', () => {
  it('tells all about a member at an instance', async () => {
    await addMember(forge, { team, user: alice, role: 'member' })

    expect(await directory.access(alice.id, instance.id)).toEqual({
      user: {
        id: alice.id,
        username: 'alice',
        name: 'Alice',
        email: 'alice@example.com',
        picture: null,
        suspended: false,
      },
      team: { id: team.id, name: 'Line 4', slug: 'line-4', suspended: false },
      instance: {
        id: instance.id,
        name: 'packer',
        url: 'https://packer.example.com',
        applicationId: application.id,
        production: false,
      },
      teamRoleLevel: 30,
      roleSince: expect.any(Number),
      overrideLevel: null,
      sso: null,
    })
  })

  it('has no role for somebody outside the team, an administrator included', async () => {
    const facts = await directory.access(forge.admin.id, instance.id)

    expect(facts).toMatchObject({ teamRoleLevel: null, overrideLevel: null })
  })

  it('tells an override that shuts the member out', async () => {
    await addMember(forge, { team, user: alice, role: 'owner' })
    await setOverride(forge, { application, user: alice, role: 'none' })

    expect(await directory.access(alice.id, instance.id)).toMatchObject({ teamRoleLevel: 50, overrideLevel: 0 })
  })

  it('forgets the override when the member leaves', async () => {
    await addMember(forge, { team, user: alice, role: 'owner' })
    await setOverride(forge, { application, user: alice, role: 'viewer' })
    await forge.store.Member.destroy({ where: { userId: alice.id } })

    expect(await directory.access(alice.id, instance.id)).toMatchObject({ teamRoleLevel: null, overrideLevel: null })
  })

  it('tells that the person and the team are suspended', async () => {
    await forge.store.User.update({ suspended: true }, { where: { id: alice.id } })
    await forge.store.Team.update({ suspended: true }, { where: { id: team.id } })

    const facts = await directory.access(alice.id, instance.id)

    expect(facts?.user.suspended).toBe(true)
    expect(facts?.team.suspended).toBe(true)
  })

  it('is null for a person or an instance that does not exist', async () => {
    expect(await directory.access('nobody', instance.id)).toBeNull()
    expect(await directory.access(alice.id, 'nothing')).toBeNull()
  })
})

describe('memberships', () => {
  it('lists teams, applications and instances with the role in each', async () => {
    const other = await createTeam(forge, { slug: 'an-empty-team', owner: alice })
    const secret = await createApplication(forge, { team, name: 'Secret' })
    await addMember(forge, { team, user: alice, role: 'member' })
    await setOverride(forge, { application: secret, user: alice, role: 'none' })

    expect(await directory.memberships(alice.id)).toEqual([
      { team: { ...other, suspended: false }, roleLevel: 50, sso: null, applications: [] },
      {
        team: { ...team, suspended: false },
        roleLevel: 30,
        sso: null,
        applications: [
          {
            id: application.id,
            name: 'Packaging',
            roleLevel: 30,
            instances: [{ id: instance.id, name: 'packer', url: 'https://packer.example.com', production: false }],
          },
          { id: secret.id, name: 'Secret', roleLevel: 0, instances: [] },
        ],
      },
    ])
  })

  it('has nothing for a stranger', async () => {
    expect(await directory.memberships(alice.id)).toEqual([])
  })
})

describe('authenticateInstance', () => {
  it('names the instance of a credential', async () => {
    expect(await directory.authenticateInstance({ secret: instance.credential })).toBe(instance.id)
  })

  it('agrees with the instance that the caller says it is', async () => {
    const credential = { secret: instance.credential, claimedInstanceId: instance.id }

    expect(await directory.authenticateInstance(credential)).toBe(instance.id)
  })

  it('refuses another instance, another case and an unknown credential', async () => {
    const other = await createInstance(forge, { application })

    const claimed = { secret: instance.credential, claimedInstanceId: other.id }
    expect(await directory.authenticateInstance(claimed)).toBeNull()
    expect(await directory.authenticateInstance({ secret: instance.credential.toUpperCase() })).toBeNull()
    expect(await directory.authenticateInstance({ secret: 'fft_EXAMPLE' })).toBeNull()
  })

  it('refuses the credential of an instance that is gone', async () => {
    await forge.store.Instance.destroy({ where: { id: instance.id } })

    expect(await directory.authenticateInstance({ secret: instance.credential })).toBeNull()
  })
})

describe('names', () => {
  it('names what exists and leaves out what is gone', async () => {
    const names = await directory.names({ instances: [instance.id, 'gone'], applications: [application.id], teams: [] })

    expect(names).toEqual({
      instances: new Map([[instance.id, 'packer']]),
      applications: new Map([[application.id, 'Packaging']]),
      teams: new Map(),
    })
  })
})
