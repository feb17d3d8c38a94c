import { randomUUID } from 'node:crypto'

import { findOwnedTeam } from '../access/team-owner.ts'
import type { PersonActor } from '../audit/actor.ts'
import { teamLog } from '../audit/entry.ts'
import type { CreateOAuthClient, OAuthClient, OAuthClientList } from '../contract/oauth-client.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { lockByName } from '../sql/lock.ts'
import { selectRows, writeRows, type RawTime } from '../sql/rows.ts'
import { sqlTime, toIso } from '../sql/time.ts'
import type { TokenStore } from '../tokens/store.ts'

const MAX_CLIENTS = 50

const SELECT = 'SELECT id, name, created_by AS "createdBy", created_at AS "createdAt" FROM pat_oauth_clients'

/** The programs that a team has registered, in the order in which it did. @throws {ForgeError} not_found */
export async function listClients(
  { db, directory }: TokenStore,
  userId: string,
  teamId: string,
): Promise<OAuthClientList> {
  await findOwnedTeam(directory, userId, teamId)
  const clients = await selectRows<Omit<OAuthClient, 'createdAt'> & { createdAt: RawTime }>(
    db,
    `${SELECT} WHERE team_id = $1 ORDER BY created_at, id`,
    [teamId],
  )
  return {
    count: clients.length,
    clients: clients.map(({ createdAt, ...client }) => ({ ...client, createdAt: toIso(createdAt) })),
  }
}

/** Registers a program for the team. @throws {ForgeError} not_found, conflict (as many as a team may have) */
export async function createClient(
  { db, directory, audit }: TokenStore,
  actor: PersonActor,
  { teamId, name }: CreateOAuthClient & { teamId: string },
): Promise<OAuthClient> {
  const team = await findOwnedTeam(directory, actor.userId, teamId)
  const client = { id: randomUUID(), name: name.trim() }
  const now = new Date()

  await db.transaction(async (transaction) => {
    await lockByName(db, `oauth clients ${teamId}`, transaction)
    const [row] = await selectRows<{ count: number | string }>(
      db,
      'SELECT count(*) AS count FROM pat_oauth_clients WHERE team_id = $1',
      [teamId],
      transaction,
    )
    if (Number(row?.count) >= MAX_CLIENTS) {
      throw new ForgeError('conflict', `A team has at most ${MAX_CLIENTS} programs. Remove one first.`)
    }
    await writeRows(
      db,
      'INSERT INTO pat_oauth_clients (id, team_id, name, created_by, created_at) VALUES ($1, $2, $3, $4, $5)',
      [client.id, teamId, client.name, actor.userId, sqlTime(now)],
      transaction,
    )
    const scopes = [teamLog(team)] as const
    await audit.write({ event: 'team.oauthClient.created', actor, scopes, body: { client } }, transaction)
  })
  return { ...client, createdBy: actor.userId, createdAt: now.toISOString() }
}

/** Removes a program: it gets no token any more; those that it has stay, and are in the inventory. @throws {ForgeError} not_found */
export async function deleteClient(
  { db, directory, audit }: TokenStore,
  actor: PersonActor,
  { teamId, clientId }: { teamId: string; clientId: string },
): Promise<void> {
  const team = await findOwnedTeam(directory, actor.userId, teamId)

  await db.transaction(async (transaction) => {
    const mine = [clientId, teamId]
    const [client] = await selectRows<OAuthClient>(db, `${SELECT} WHERE id = $1 AND team_id = $2`, mine, transaction)
    const deleted = await writeRows(
      db,
      'DELETE FROM pat_oauth_clients WHERE id = $1 AND team_id = $2',
      mine,
      transaction,
    )
    if (deleted === 0 || !client) throw new ForgeError('not_found', 'The team has no such program.')

    const scopes = [teamLog(team)] as const
    const body = { client: { id: client.id, name: client.name } }
    await audit.write({ event: 'team.oauthClient.deleted', actor, scopes, body }, transaction)
  })
}
