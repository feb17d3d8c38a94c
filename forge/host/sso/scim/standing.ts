import type { Transaction } from 'sequelize'

import type { HostStore } from '../../store.ts'
import { lockConnection } from './connection.ts'

/** What a provider has told by SCIM of somebody who signs in through it. */
export interface ScimWord {
  /** It has disabled them. */
  disabled: boolean
  /** Null where it tells groups at the sign-in. */
  groups: string[] | null
}

/** From here on no SCIM write of the provider comes between, until the transaction ends. */
export async function listenForScim(store: HostStore, providerId: string, transaction: Transaction) {
  const connection = await lockConnection(store, providerId, transaction)

  return {
    async about(userId: string): Promise<ScimWord> {
      if (!connection) return { disabled: false, groups: null }
      const row = await store.ScimUser.findOne({ where: { providerId, userId }, transaction })
      const groups = row ? await groupsOf(store, [row.id], transaction) : new Map<string, Named[]>()
      const names = (row && groups.get(row.id))?.map(({ displayName }) => displayName) ?? []
      return { disabled: row?.active === false, groups: connection.tellsGroups ? names : null }
    },
  }
}

interface Named {
  id: string
  displayName: string
}

/** The groups of people, by name; who is in none is not in the map. */
export async function groupsOf(
  { ScimMember, ScimGroup }: HostStore,
  scimUserIds: string[],
  transaction: Transaction | null = null,
): Promise<Map<string, Named[]>> {
  const links = await ScimMember.findAll({ where: { scimUserId: scimUserIds }, transaction })
  const ids = [...new Set(links.map(({ groupId }) => groupId))]
  const groups = await ScimGroup.findAll({ where: { id: ids }, order: ['displayNameKey'], transaction })

  const byUser = new Map<string, Named[]>()
  const groupIds = new Map<string, string[]>()
  for (const { groupId, scimUserId } of links) groupIds.set(scimUserId, [...(groupIds.get(scimUserId) ?? []), groupId])
  for (const [userId, own] of groupIds)
    byUser.set(
      userId,
      groups.filter(({ id }) => own.includes(id)),
    )
  return byUser
}
