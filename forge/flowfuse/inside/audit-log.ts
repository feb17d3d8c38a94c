import type { AuditSink, StreamLine } from '../../audit/stream.ts'
import { AUDIT_EVENTS } from '../../contract/audit.ts'
import { placesFor, selectRows } from '../../sql/rows.ts'
import type { IdCodec, Ids } from '../ids.ts'
import type { AuditLogRow, FlowFuseApp } from './host.ts'

type Entry = Extract<StreamLine, { type: 'audit.entry' }>

/** What is older stays in our own log: a database that was beside a FlowFuse before has years of it. */
const LATE_MS = 86_400_000

/** How many of FlowFuse's latest entries are looked at for ours, in a table without an index for it. */
const LATEST_ENTRIES = 5_000

/**
 * FlowFuse's own audit log, as one more place that ours is streamed to: its people find there what happened to tokens, in
 * the log of the team or the person, seconds after it did. An entry that was written just before a fault is found again
 * by its id, and not written twice.
 */
export function flowFuseAuditLog({ db }: Pick<FlowFuseApp, 'db'>, ids: Ids): AuditSink {
  return {
    name: 'host',
    async deliver({ lines }) {
      const entries = lines
        .filter((line) => line.type === 'audit.entry')
        .filter(({ createdAt }) => Date.parse(createdAt) > Date.now() - LATE_MS)
      const written = await writtenLately(db, entries)
      const people = await existing(
        db,
        entries.map((entry) => actorOf(entry, ids.user)).filter((id) => id !== null),
      )

      for (const entry of entries.filter(({ id }) => !written.has(id))) {
        const actor = actorOf(entry, ids.user)
        await db.models.AuditLog.create(rowOf(entry, ids, actor !== null && people.has(actor) ? actor : null))
      }
    },
  }
}

/** FlowFuse's number of whoever did it, or whose token did. */
function actorOf({ trigger, token }: Entry, user: IdCodec): number | null {
  if (trigger.type === 'token') return token && user.decode(token.ownerId)
  return trigger.type === 'user' ? user.decode(trigger.id) : null
}

function rowOf(entry: Entry, ids: Ids, actor: number | null): AuditLogRow {
  const { scope, event, trigger, token } = entry
  const body = {
    // What FlowFuse's pages show of an entry.
    info: { info: AUDIT_EVENTS[event as keyof typeof AUDIT_EVENTS], forgePat: { id: entry.id, ...entry.body } },
    ...(token ? { token: { id: token.id, name: token.name } } : {}),
    // Whom they name where no person of theirs did it.
    ...(actor === null ? { trigger: { id: 0, name: trigger.name } } : {}),
  }
  return {
    event,
    body: JSON.stringify(body),
    entityType: scope.type,
    entityId: scope.type === 'platform' ? null : String(ids[scope.type].decode(scope.id) ?? ''),
    UserId: actor,
    createdAt: new Date(entry.createdAt),
  }
}

/** The ids of those entries that stand in FlowFuse's log already. */
async function writtenLately({ sequelize }: FlowFuseApp['db'], entries: Entry[]): Promise<Set<string>> {
  const events = [...new Set(entries.map(({ event }) => event))]
  if (events.length === 0) return new Set()

  const rows = await selectRows<{ body: string | null }>(
    sequelize,
    `SELECT l."body" FROM (
       SELECT e."event", e."body" FROM "AuditLogs" e ORDER BY e."id" DESC LIMIT ${LATEST_ENTRIES}
     ) l WHERE l."event" IN (${placesFor(events)})`,
    events,
  )
  const ids = rows.map(({ body }) => /"forgePat":\{"id":"([^"]+)"/.exec(body ?? '')?.[1])
  return new Set(ids.filter((id) => id !== undefined))
}

/** Those of the people who are still there: the log refers to them. */
async function existing({ sequelize }: FlowFuseApp['db'], people: number[]): Promise<Set<number>> {
  const wanted = [...new Set(people)]
  if (wanted.length === 0) return new Set()

  const sql = `SELECT u."id" FROM "Users" u WHERE u."id" IN (${placesFor(wanted)})`
  const rows = await selectRows<{ id: number }>(sequelize, sql, wanted)
  return new Set(rows.map(({ id }) => id))
}
