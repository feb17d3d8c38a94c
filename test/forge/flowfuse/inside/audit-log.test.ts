import { QueryTypes } from 'sequelize'
import { afterEach, beforeEach, expect, it } from 'vitest'

import type { StreamLine } from '../../../../forge/audit/stream.ts'
import { flowFuseAuditLog } from '../../../../forge/flowfuse/inside/audit-log.ts'
import type { AuditLogRow } from '../../../../forge/flowfuse/inside/host.ts'
import { createIds } from '../../../../forge/flowfuse/ids.ts'
import { createFlowFuseDatabase, PLATFORM_ID, type FlowFuseDatabase } from '../../../support/flowfuse-database.ts'

const ids = createIds(PLATFORM_ID)
let database: FlowFuseDatabase
let deliver: (...lines: StreamLine[]) => Promise<void>

beforeEach(async () => {
  database = await createFlowFuseDatabase('new', 'sqlite')
  const create = (row: AuditLogRow) => database.insert('AuditLogs', { ...row, createdAt: row.createdAt.toISOString() })
  const AuditLog = { create }
  const sink = flowFuseAuditLog({ db: { sequelize: database.db, models: { AuditLog } } }, ids)
  deliver = (...lines) => sink.deliver({ id: 'audit-1-2', lines, text: '' }, new AbortController().signal)
})
afterEach(() => database.cleanup())

const entry = (id: string, createdAt = new Date()): StreamLine => ({
  type: 'audit.entry',
  sequence: 1,
  seal: null,
  id,
  createdAt: createdAt.toISOString(),
  event: 'user.pat.created',
  scope: { type: 'platform', id: 'platform', name: 'FlowFuse' },
  trigger: { type: 'system', id: 'forge', name: 'forge-pat' },
  token: null,
  body: { role: 'member' },
  username: null,
  source: 'system',
  occurrenceId: id,
  sessionId: null,
  requestId: null,
  address: null,
})
const written = async () => {
  const sql = 'SELECT "body" FROM "AuditLogs" ORDER BY "id"'
  const rows = await database.db.query<{ body: string }>(sql, { type: QueryTypes.SELECT })
  return rows.map(({ body }) => /forgePat":\{"id":"([^"]*)"/.exec(body)?.[1])
}

it('is given each entry once, however often it is delivered', async () => {
  await deliver(entry('one'), entry('two'))
  await deliver(entry('two'), entry('three'))

  expect(await written()).toEqual(['one', 'two', 'three'])
})

it('is not given what happened before the last day, as in a database that was beside a FlowFuse', async () => {
  await deliver(entry('old', new Date(Date.now() - 90_000_000)), entry('new', new Date(Date.now() - 80_000_000)))

  expect(await written()).toEqual(['new'])
})
