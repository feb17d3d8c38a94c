import type { Transaction } from 'sequelize'

import type { Actor } from '../../audit/actor.ts'
import type { GroupMapping } from '../../contract/sso.ts'
import type { HostStore } from '../store.ts'
import { rolesFromGroups, type ManagedTeam } from './groups.ts'
import { applyGroups, managedTeams } from './memberships.ts'
import type { ProviderRow } from './model.ts'
import { inChunks } from './scim/chunks.ts'
import { listenForScim } from './scim/standing.ts'
import { settingsOf } from './settings.ts'
import type { Sso } from './sso.ts'

/** By what groups had a meaning. */
interface Before {
  mapping: GroupMapping
  teams: ManagedTeam[]
}

/**
 * Runs a change of a provider's configuration, and makes memberships what the groups that it told last mean by now. Only
 * people for whom that is something else are looked at.
 */
export async function withNewMapping(
  sso: Sso,
  { provider, actor }: { provider: ProviderRow; actor: Actor },
  transaction: Transaction,
  change: () => Promise<void>,
): Promise<void> {
  const { store } = sso.sessions
  const scim = await listenForScim(store, provider.id, transaction)
  const before: Before = {
    mapping: settingsOf(provider).groups,
    teams: await managedTeams(store, provider.id, transaction),
  }
  await change()

  const after: Before = {
    mapping: settingsOf(provider).groups,
    teams: await managedTeams(store, provider.id, transaction),
  }
  // In a team that is the provider's no more, what it gave is set by hand from now on.
  before.teams = before.teams.filter(({ id }) => after.teams.some((team) => team.id === id))

  const told = (await scim.groupsOfAll()) ?? (await groupsAtSignIn(store, provider.id, transaction))
  const concerned = new Map([...told].filter(([, groups]) => meaningOf(groups, before) !== meaningOf(groups, after)))
  await inChunks([...concerned.keys()].sort(), async (id) => {
    for (const user of await store.User.findAll({ where: { id }, order: ['id'], transaction })) {
      await applyGroups(sso, { provider, user, groups: concerned.get(user.id) ?? [], actor }, transaction)
    }
  })
}

function meaningOf(groups: string[], { mapping, teams }: Before): string {
  const roles = rolesFromGroups(groups, mapping, teams).teams
  return JSON.stringify(roles.map(({ teamId, role, overrides }) => [teamId, role, [...overrides]]))
}

/** What the last sign-ins said, and what was looked up in a directory since; by the id of the account. */
async function groupsAtSignIn({ Identity }: HostStore, providerId: string, transaction: Transaction) {
  const identities = await Identity.findAll({ where: { providerId }, transaction })
  return new Map(identities.map(({ userId, groupsJson }) => [userId, JSON.parse(groupsJson) as string[]]))
}
