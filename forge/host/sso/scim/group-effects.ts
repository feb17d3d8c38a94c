import { groupsAbout } from '../groups.ts'
import { applyGroupsIn, managedTeams } from '../memberships.ts'
import { settingsOf } from '../settings.ts'
import { inChunks } from './chunks.ts'
import { groupsOf } from './standing.ts'
import type { Write } from './writing.ts'

type Teams = Awaited<ReturnType<typeof managedTeams>>

/**
 * Makes memberships what the groups of people say by now, in the teams that are named by the groups that have changed.
 * @param scimUserIds of whom a group has come, gone or changed its name
 * @param names of these groups, those of before too
 */
export async function applyChangedGroups(write: Write, scimUserIds: string[], names: string[]): Promise<void> {
  const { scim, provider, transaction } = write
  const { store } = scim.sessions
  const { groups: mapping } = settingsOf(provider)
  const managed = await managedTeams(store, provider.id, transaction)
  const teams = managed.filter(({ slug }) => groupsAbout(names, mapping, slug).length > 0)

  await inChunks(scimUserIds, async (some) => {
    // The groups of a person are part of what their version stands for.
    await store.ScimUser.increment('version', { where: { id: some }, transaction })
    if (teams.length > 0) await applyTo(write, some, teams)
  })
}

async function applyTo(write: Write, scimUserIds: string[], teams: Teams): Promise<void> {
  const { scim, provider, actor, transaction } = write
  const { store } = scim.sessions
  const told = await groupsOf(store, scimUserIds, transaction)
  const people = await store.ScimUser.findAll({ where: { id: scimUserIds }, order: ['userId'], transaction })
  const users = await store.User.findAll({ where: { id: people.map(({ userId }) => userId) }, transaction })
  const accounts = new Map(users.map((user) => [user.id, user]))

  for (const { id, userId } of people) {
    const user = accounts.get(userId)
    if (!user) continue
    const groups = (told.get(id) ?? []).map(({ displayName }) => displayName)
    await applyGroupsIn(scim, { provider, user, groups, actor }, teams, transaction)
    const known = { providerId: provider.id, userId }
    await store.Identity.update({ groupsJson: JSON.stringify(groups) }, { where: known, transaction })
  }
}
