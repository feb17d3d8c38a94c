import type { Transaction } from 'sequelize'

import { placesFor, selectRows } from '../../../sql/rows.ts'
import type { HostStore } from '../../store.ts'
import { inChunks } from './chunks.ts'
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

    /** By the id of the account; null where it tells groups at the sign-in. */
    async groupsOfAll(): Promise<Map<string, string[]> | null> {
      if (!connection?.tellsGroups) return null
      const rows = await store.ScimUser.findAll({ where: { providerId }, transaction })
      const byUser = new Map<string, string[]>()
      await inChunks(rows, async (some) => {
        const ids = some.map(({ id }) => id)
        const groups = await groupsOf(store, ids, transaction)
        for (const { id, userId } of some)
          byUser.set(
            userId,
            (groups.get(id) ?? []).map(({ displayName }) => displayName),
          )
      })
      return byUser
    },
  }
}

interface Named {
  id: string
  displayName: string
}

/** The groups of people, by name; who is in none is not in the map. */
export async function groupsOf(
  { db }: HostStore,
  scimUserIds: string[],
  transaction: Transaction | null = null,
): Promise<Map<string, Named[]>> {
  const byUser = new Map<string, Named[]>()
  if (scimUserIds.length === 0) return byUser
  const rows = await selectRows<Named & { scimUserId: string }>(
    db,
    `SELECT m.scim_user_id AS "scimUserId", g.id, g.display_name AS "displayName"
     FROM scim_members m JOIN scim_groups g ON g.id = m.group_id
     WHERE m.scim_user_id IN (${placesFor(scimUserIds)}) ORDER BY g.display_name_key`,
    scimUserIds,
    transaction,
  )
  for (const { scimUserId, id, displayName } of rows) {
    const groups = byUser.get(scimUserId) ?? []
    byUser.set(scimUserId, groups)
    groups.push({ id, displayName })
  }
  return byUser
}
