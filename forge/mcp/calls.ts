import type { ToolCall, ToolCallPage } from '../contract/tool-calls.ts'
import { unknownCursor } from '../sql/cursor.ts'
import { selectRows, type RawTime } from '../sql/rows.ts'
import { toIso } from '../sql/time.ts'
import { conditionOf, placesIn, type CallLog, type CallView } from './call-view.ts'

/** Counting goes on no further: a log may have millions of calls, and nobody needs to know how many. */
const COUNTED = 10_000
/** Calls that are read at once, when all of a log is wanted. */
const BATCH = 500

/** One page of a log, newest first. @throws {ForgeError} invalid_request for a cursor that no list gave out */
export async function listCalls(
  { db }: Pick<CallLog, 'db'>,
  view: CallView,
  { cursor, limit = 100 }: { cursor?: string | undefined; limit?: number | undefined },
): Promise<ToolCallPage> {
  if (cursor !== undefined && !/^[0-9a-f-]{36}$/.test(cursor)) throw unknownCursor()

  const [count, rows] = await Promise.all([countCalls({ db }, view), readCalls({ db }, view, cursor, limit + 1)])
  const calls = rows.slice(0, limit)
  const last = rows.length > limit ? calls.at(-1) : undefined
  return { meta: last ? { next_cursor: last.id } : {}, count, calls }
}

/** All of a log, newest first, a batch at a time: however long it is, only one batch is held. */
export async function* readWholeCalls(log: Pick<CallLog, 'db'>, view: CallView): AsyncGenerator<ToolCall[]> {
  let cursor: string | undefined
  do {
    const calls = await readCalls(log, view, cursor, BATCH)
    yield calls
    cursor = calls.length === BATCH ? calls.at(-1)?.id : undefined
  } while (cursor !== undefined)
}

async function countCalls({ db }: Pick<CallLog, 'db'>, view: CallView): Promise<number> {
  const bind: (string | number)[] = []
  const place = placesIn(bind)
  const matching = `SELECT 1 FROM pat_tool_calls WHERE ${conditionOf(view, place)} LIMIT ${place(COUNTED + 1)}`
  const [row] = await selectRows<{ count: number | string }>(
    db,
    `SELECT count(*) AS count FROM (${matching}) AS matching`,
    bind,
  )
  return Number(row?.count ?? 0)
}

interface CallRow {
  id: string
  calledAt: RawTime
  userId: string
  username: string
  tokenId: string
  tokenName: string
  instanceId: string
  instanceName: string
  server: string
  tool: string
  outcome: ToolCall['outcome']
  reason: string | null
  durationMs: number
  client: string | null
  address: string | null
  requestId: string | null
  arguments: string | null
}

async function readCalls(
  { db }: Pick<CallLog, 'db'>,
  view: CallView,
  cursor: string | undefined,
  limit: number,
): Promise<ToolCall[]> {
  const bind: (string | number)[] = []
  const place = placesIn(bind)
  const older = cursor === undefined ? '' : ` AND id < ${place(cursor)}`

  const rows = await selectRows<CallRow>(
    db,
    `SELECT id, called_at AS "calledAt", user_id AS "userId", username, token_id AS "tokenId", token_name AS "tokenName",
            instance_id AS "instanceId", instance_name AS "instanceName", server, tool, outcome, reason,
            duration_ms AS "durationMs", client, address, request_id AS "requestId", arguments
       FROM pat_tool_calls WHERE ${conditionOf(view, place)}${older} ORDER BY id DESC LIMIT ${place(limit)}`,
    bind,
  )
  return rows.map(present)
}

function present({
  calledAt,
  userId,
  username,
  tokenId,
  tokenName,
  instanceId,
  instanceName,
  ...call
}: CallRow): ToolCall {
  return {
    ...call,
    at: toIso(calledAt),
    user: { id: userId, username },
    token: { id: tokenId, name: tokenName },
    instance: { id: instanceId, name: instanceName },
    arguments: call.arguments === null ? null : (JSON.parse(call.arguments) as Record<string, unknown>),
  }
}
