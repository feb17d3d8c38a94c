import { BUILT_IN_CLIENT } from '../contract/oauth.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { selectRows } from '../sql/rows.ts'
import type { Sequelize } from 'sequelize'

import { createClientDocuments, isDocumentAddress, type ClientDocumentOptions } from './client-documents.ts'

/** A program that asks for tokens; none of them has a secret. */
export interface Client {
  id: string
  name: string
  /** Who says what it is called: this forge, the owner of a web address, or the owners of a team. */
  kind: 'built-in' | 'document' | 'team'
  /** The team that registered it, whose instances alone it may reach; null for every other. */
  teamId: string | null
}

export interface Clients {
  /** The client of an id, its document read where it has one. @throws {ForgeError} invalid_client, unauthorized_client */
  find(clientId: string): Promise<Client>
  /** Whether there can be such a client, without asking anybody else. @throws {ForgeError} invalid_client */
  check(clientId: string): Promise<void>
}

/** Clients by their ids: our own command, the addresses of client metadata documents, and what teams have registered. */
export function createClients(db: Sequelize, options: ClientDocumentOptions = {}): Clients {
  const documents = createClientDocuments(options)

  return {
    async find(clientId) {
      if (clientId === BUILT_IN_CLIENT.id) return { ...BUILT_IN_CLIENT, kind: 'built-in', teamId: null }
      if (!isDocumentAddress(clientId)) return findRegistered(db, clientId)

      const { name } = await documents.read(clientId)
      return { id: clientId, name, kind: 'document', teamId: null }
    },

    async check(clientId) {
      if (clientId === BUILT_IN_CLIENT.id || isDocumentAddress(clientId)) return
      await findRegistered(db, clientId)
    },
  }
}

/** @throws {ForgeError} invalid_client */
async function findRegistered(db: Sequelize, clientId: string): Promise<Client> {
  const sql = 'SELECT name, team_id AS "teamId" FROM pat_oauth_clients WHERE id = $1'
  const [row] = UUID.test(clientId) ? await selectRows<{ name: string; teamId: string }>(db, sql, [clientId]) : []
  if (!row) throw new ForgeError('invalid_client', 'No such client is known here.')
  return { id: clientId, name: row.name, kind: 'team', teamId: row.teamId }
}

/** PostgreSQL refuses a NUL, and every id that was given out looks like this. */
const UUID = /^[0-9a-f-]{36}$/
