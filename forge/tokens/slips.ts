import type { FirstCall, SeenSlip, Slip, SlipReport } from '../contract/slips.ts'
import type { Task } from '../housekeeping/task.ts'
import { selectRows, writeRows, type RawTime } from '../sql/rows.ts'
import { sqlTime, toEpochMs, toIso } from '../sql/time.ts'
import { getToken } from './list-tokens.ts'
import { instancesOf } from './reach.ts'
import type { TokenStore } from './store.ts'
import { listTargets } from './wish.ts'

/** Longer than anybody waits for a first call. */
const KEPT_HOURS = 24
const HOUR_MS = 3_600_000
const SHOWN = 5
/** Refusals of one token, the latest. */
const LOOKED_AT = 50
/** Where nothing of a token could be read. */
const NO_TOKEN = ''

type Store = Pick<TokenStore, 'db' | 'directory'>

/**
 * Notes what an instance saw in place of a token. Of a damaged one only as long as nobody has used it whole, and only at
 * instances of its owner's teams; the instance is told nothing of that, so that it cannot find out which selectors exist.
 */
export async function noteSlips(
  store: Store,
  { instanceId, slips, now }: SlipReport & { instanceId: string; now: Date },
): Promise<void> {
  const kinds = new Set(slips.flatMap(({ slip, selector }) => (selector === undefined ? [slip] : [])))
  for (const slip of kinds) await note(store, { tokenId: NO_TOKEN, instanceId, slip, now })

  for (const { slip, selector } of slips) {
    const tokenId = selector === undefined ? null : await waitingToken(store, selector, instanceId)
    if (tokenId !== null) await note(store, { tokenId, instanceId, slip, now })
  }
}

async function waitingToken({ db, directory }: Store, selector: string, instanceId: string): Promise<string | null> {
  const sql = `SELECT id, user_id AS "userId" FROM pat_tokens WHERE selector = $1 AND last_used_at IS NULL`
  const [token] = await selectRows<{ id: string; userId: string }>(db, sql, [selector])
  const host = token && (await directory.access(token.userId, instanceId))
  return host && host.teamRoleLevel !== null ? token.id : null
}

/** One row for each kind at each place, however often it happens. */
async function note(
  { db }: Store,
  { tokenId, instanceId, slip, now }: { tokenId: string; instanceId: string; slip: Slip; now: Date },
): Promise<void> {
  await writeRows(
    db,
    `INSERT INTO pat_slips (token_id, instance_id, slip, seen_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (token_id, instance_id, slip) DO UPDATE SET seen_at = excluded.seen_at`,
    [tokenId, instanceId, slip, sqlTime(now)],
  )
}

/** The first use of a token of the person, or what was seen in its place. @throws {ForgeError} not_found */
export async function getFirstCall(store: TokenStore, ownerId: string, id: string): Promise<FirstCall> {
  const token = await getToken(store, ownerId, id)
  if (token.lastUse) return { lastUse: token.lastUse, slips: [] }

  const since = new Date(token.createdAt)
  const seen = [...(await seenByInstances(store, id, since)), ...(await refusedElsewhere(store, id))]
  if (seen.length === 0) return { lastUse: null, slips: [] }

  const reached = new Set(instancesOf(await listTargets(store, ownerId), token.grants).map((each) => each.id))
  // What nobody can tell whose it was is shown to those alone whose token could be used there.
  const mine = seen.filter(({ certain, instanceId }) => certain || reached.has(instanceId))
  const latest = mine.sort((a, b) => toEpochMs(b.at) - toEpochMs(a.at)).slice(0, SHOWN)
  return { lastUse: null, slips: await withNames(store, latest) }
}

interface Seen {
  slip: SeenSlip['slip']
  at: RawTime
  instanceId: string
  certain: boolean
}

async function seenByInstances({ db }: TokenStore, tokenId: string, since: Date): Promise<Seen[]> {
  const rows = await selectRows<Omit<Seen, 'certain'> & { tokenId: string }>(
    db,
    `SELECT slip, seen_at AS "at", instance_id AS "instanceId", token_id AS "tokenId" FROM pat_slips
      WHERE token_id IN ($1, $2) AND seen_at >= $3`,
    [tokenId, NO_TOKEN, sqlTime(since)],
  )
  return rows.map(({ tokenId: found, ...row }) => ({ ...row, certain: found === tokenId }))
}

/** A whole token that was refused where it does not reach: the audit has it already. */
async function refusedElsewhere({ db }: TokenStore, tokenId: string): Promise<Seen[]> {
  const rows = await selectRows<{ body: string; at: RawTime }>(
    db,
    `SELECT body, created_at AS "at" FROM pat_audit_entries
      WHERE token_id = $1 AND event = 'user.pat.refused' ORDER BY id DESC LIMIT ${LOOKED_AT}`,
    [tokenId],
  )
  const found = new Map<string, Seen>()
  for (const { body, at } of rows) {
    const { reason, instance } = JSON.parse(body) as { reason: string; instance: { id: string } | null }
    if (reason !== 'instance_granted' || !instance || found.has(instance.id)) continue
    found.set(instance.id, { slip: 'wrong_instance', at, instanceId: instance.id, certain: true })
  }
  return [...found.values()]
}

async function withNames({ directory }: TokenStore, seen: readonly Seen[]): Promise<SeenSlip[]> {
  const { instances } = await directory.names({
    instances: [...new Set(seen.map(({ instanceId }) => instanceId))],
    applications: [],
    teams: [],
  })
  return seen.map(({ slip, at, instanceId, certain }) => ({
    slip,
    at: toIso(at),
    instance: { id: instanceId, name: instances.get(instanceId) ?? null },
    certain,
  }))
}

/** Removes what nobody waits for any more. */
export function oldSlipsTask({ db }: Pick<TokenStore, 'db'>): Task {
  return {
    name: 'old-slips',
    everySeconds: 3_600,
    async run(now) {
      const before = sqlTime(new Date(now.getTime() - KEPT_HOURS * HOUR_MS))
      await writeRows(db, 'DELETE FROM pat_slips WHERE seen_at < $1', [before])
    },
  }
}
