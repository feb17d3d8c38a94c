import { Op, type WhereOptions } from 'sequelize'

import { requireTeamOwner } from '../access/team-owner.ts'
import type { AuditLogEntry, AuditLogPage, AuditLogQuery, AuditScopeType } from '../contract/audit.ts'
import type { Directory } from '../directory/directory.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { sourceOf } from './actor.ts'
import { lowestIdAt } from './entry-id.ts'
import type { AuditModels, Entry } from './model.ts'

/** One log, and what is to be seen of it. */
export interface LogView {
  scope: { type: AuditScopeType; id: string }
  query: AuditLogQuery
}

/** What reading works with. */
export interface AuditLogStore {
  models: AuditModels
  directory: Directory
}

/** Entries that are read at once, when all of a log is wanted. */
const BATCH = 500

/** The person's own log: what they did, and what happened to their tokens. */
export function ownLogView(userId: string, query: AuditLogQuery): LogView {
  return { scope: { type: 'user', id: userId }, query }
}

/**
 * The part of the person's own log that is about one of their tokens, gone ones included.
 * @throws {ForgeError} not_found, also for another person's
 */
export async function ownTokenLogView(
  { models }: AuditLogStore,
  userId: string,
  tokenId: string,
  query: AuditLogQuery,
): Promise<LogView> {
  const view = ownLogView(userId, { ...query, tokenId })
  // Minting is an entry, so a token without any never was the person's.
  const minted = await models.Entry.findOne({
    attributes: ['id'],
    where: matching(ownLogView(userId, { tokenId })),
    raw: true,
  })
  if (!minted) throw new ForgeError('not_found', 'You have no such token.')
  return view
}

/** A team's log, for its owners. @throws {ForgeError} not_found for everybody else */
export async function teamLogView(
  { directory }: AuditLogStore,
  userId: string,
  teamId: string,
  query: AuditLogQuery,
): Promise<LogView> {
  await requireTeamOwner(directory, userId, teamId)
  return { scope: { type: 'team', id: teamId }, query }
}

/** One page of a log, newest first. */
export async function listLog({ Entry }: AuditModels, view: LogView): Promise<AuditLogPage> {
  const { cursor, limit = 100 } = view.query
  const where = matching(view)

  const [count, entries] = await Promise.all([
    Entry.count({ where }),
    Entry.findAll({ where: olderThan(where, cursor), order: [['id', 'DESC']], limit: limit + 1, raw: true }),
  ])
  const shown = entries.slice(0, limit)
  const last = entries.length > limit ? shown.at(-1) : undefined
  return { meta: last ? { next_cursor: last.id } : {}, count, log: shown.map(presentEntry) }
}

/** All of a log, newest first, a batch at a time: however long it is, only one batch is held. */
export async function* readWholeLog({ Entry }: AuditModels, view: LogView): AsyncGenerator<AuditLogEntry[]> {
  const where = matching(view)
  let cursor: string | undefined

  do {
    const entries = await Entry.findAll({
      where: olderThan(where, cursor),
      order: [['id', 'DESC']],
      limit: BATCH,
      raw: true,
    })
    yield entries.map(presentEntry)
    cursor = entries.length === BATCH ? entries.at(-1)?.id : undefined
  } while (cursor !== undefined)
}

/** The entry as readers get it. */
export function presentEntry(entry: Entry): AuditLogEntry {
  const { tokenId, tokenName, ownerId, ownerName } = entry

  return {
    id: entry.id,
    createdAt: new Date(entry.createdAt).toISOString(),
    username: entry.username,
    event: entry.event,
    source: sourceOf(entry.actorType),
    scope: { id: entry.scopeId, type: entry.scopeType, name: entry.scopeName },
    trigger: { id: entry.actorId, type: entry.actorType, name: entry.actorName },
    body: JSON.parse(entry.body) as Record<string, unknown>,
    occurrenceId: entry.occurrenceId,
    token:
      tokenId === null
        ? null
        : { id: tokenId, name: tokenName ?? '', ownerId: ownerId ?? '', ownerName: ownerName ?? '' },
    sessionId: entry.sessionId,
    requestId: entry.requestId,
    address: entry.address,
  }
}

/** What an index on (scope, id) leads to, narrowed by the query. */
function matching({ scope, query }: LogView): WhereOptions<Entry> {
  const { event, username, tokenId, from, to } = query
  const conditions: WhereOptions<Entry>[] = [{ scopeType: scope.type, scopeId: scope.id }]

  if (event !== undefined) conditions.push({ event })
  if (tokenId !== undefined) conditions.push({ tokenId })
  if (username !== undefined) conditions.push({ [Op.or]: [{ username }, { ownerName: username }] })
  // Ids begin with the time, so a range of times is a range of the index.
  if (from !== undefined) conditions.push({ id: { [Op.gte]: lowestIdAt(moment(from)) } })
  if (to !== undefined) conditions.push({ id: { [Op.lt]: lowestIdAt(moment(to)) } })
  return { [Op.and]: conditions }
}

/** The format allows a leap second, which no Date knows. @throws {ForgeError} invalid_request */
function moment(text: string): number {
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw new ForgeError('invalid_request', 'from and to must be moments that there are.')
  return time
}

function olderThan(where: WhereOptions<Entry>, cursor: string | undefined): WhereOptions<Entry> {
  return cursor === undefined ? where : { [Op.and]: [where, { id: { [Op.lt]: cursor } }] }
}
