import { expect, it } from 'vitest'

import type { GroupMapping, ProviderInputOf } from '../../../../forge/contract/sso.ts'
import { createTeam } from '../../../support/builders.ts'
import type { Dialect } from '../../../support/database.ts'
import { providerInput } from './samples.ts'
import { useScimWorld } from './scim/scene.ts'

const NO_MEANING: GroupMapping = { prefix: 'other-', suffix: '', custom: [] }

/** What an administrator changes of groups and teams counts at once, by what the provider said last. */
export function newMappingCases(dialect: Dialect): void {
  const world = useScimWorld(dialect)

  async function configure(change: Partial<ProviderInputOf<'oidc'>>): Promise<void> {
    const { issuer, clientId } = world.idp
    const input = providerInput({ teams: ['line-4'], ...change })
    const oidc = { ...input.oidc, issuer, clientId, scopes: ['profile', 'email', 'groups'] }
    const answer = await world.admin('PUT', `/api/v1/sso/providers/${world.provider.id}`, { ...input, oidc })
    expect(answer.statusCode, answer.body).toBe(200)
  }

  async function levelOf(username: string, teamId = world.team.id): Promise<number | null> {
    const { User, Member } = world.forge.store
    const { id: userId } = await User.findOne({ where: { username }, rejectOnEmpty: true })
    return (await Member.findOne({ where: { teamId, userId } }))?.roleLevel ?? null
  }

  it('follows another mapping for who has signed in', async () => {
    await world.signIn('alice-1')
    expect(await levelOf('alice')).toBe(30)

    const everybody = { group: 'everybody', team: 'line-4', role: 'viewer' } as const
    await configure({ groups: { ...NO_MEANING, custom: [everybody] } })
    expect(await levelOf('alice')).toBe(10)
    await configure({ groups: NO_MEANING })
    expect(await levelOf('alice')).toBeNull()
    await configure({})
    expect(await levelOf('alice')).toBe(30)
    expect(await levelOf('olga')).toBe(50)
  })

  it('follows it for whom SCIM told of, by the groups of SCIM, and keeps the last owner', async () => {
    await world.signIn('alice-1')
    const { body: alice } = await world.tell('alice')
    const { body: bob } = await world.tell('bob')
    await world.tellGroup('Maintenance', [bob.id])
    await world.tellGroup('ff-line-4-owner', [alice.id])
    await world.forge.store.Member.destroy({ where: { teamId: world.team.id, userId: world.olga.id } })

    const maintenance = { group: 'Maintenance', team: 'line-4', role: 'member' } as const
    await configure({ groups: { ...NO_MEANING, custom: [maintenance] } })
    expect([await levelOf('alice'), await levelOf('bob')]).toEqual([50, 30])
    await configure({ groups: NO_MEANING })
    expect([await levelOf('alice'), await levelOf('bob')]).toEqual([50, null])
  })

  it('counts groups of a team from when the team is given to the provider, and leaves a team that is taken away', async () => {
    const team = await createTeam(world.forge, { slug: 'line-5', owner: world.olga })
    world.idp.accounts.set('alice-1', {
      email: 'alice@acme.example',
      name: 'Alice',
      username: 'alice',
      groups: ['ff-line-4-member', 'ff-line-5-viewer'],
    })
    await world.signIn('alice-1')
    expect(await levelOf('alice', team.id)).toBeNull()

    await configure({ teams: ['line-4', 'line-5'] })
    expect([await levelOf('alice'), await levelOf('alice', team.id)]).toEqual([30, 10])
    await configure({ teams: ['line-5'], groups: NO_MEANING })
    expect([await levelOf('alice'), await levelOf('alice', team.id)]).toEqual([30, null])
  })
}
