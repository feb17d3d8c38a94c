import { requireTeamOwner } from '../access/team-owner.ts'
import { lowestIdAt } from '../audit/entry-id.ts'
import type { ToolCallDaysQuery } from '../contract/tool-calls.ts'
import type { Directory } from '../directory/directory.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { selectRows } from '../sql/rows.ts'
import { sqlTime } from '../sql/time.ts'
import type { Sequelize } from 'sequelize'

export type CallFilter = ToolCallDaysQuery

/** Whose calls are looked at, and which of them. */
export interface CallView {
  scope: Partial<Record<'user_id' | 'token_id' | 'team_id', string>>
  filter: CallFilter
}

/** What reading works with. */
export interface CallLog {
  db: Sequelize
  directory: Directory
}

/** The person's own calls. */
export function ownCalls(userId: string, filter: CallFilter): CallView {
  return { scope: { user_id: userId }, filter }
}

/** The calls with one of the person's tokens, also when it is gone by now. @throws {ForgeError} not_found */
export async function ownTokenCalls(
  { db }: CallLog,
  userId: string,
  { tokenId, filter }: { tokenId: string; filter: CallFilter },
): Promise<CallView> {
  const [own] = await selectRows(
    db,
    `SELECT 1 FROM pat_tokens WHERE id = $1 AND user_id = $2
     UNION ALL SELECT 1 FROM pat_tool_calls WHERE token_id = $1 AND user_id = $2 LIMIT 1`,
    [tokenId, userId],
  )
  if (!own) throw new ForgeError('not_found', 'You have no such token.')
  return { scope: { token_id: tokenId, user_id: userId }, filter }
}

/** The calls at the instances of a team, for its owners. @throws {ForgeError} not_found for everybody else */
export async function teamCalls(
  { directory }: CallLog,
  userId: string,
  { teamId, filter }: { teamId: string; filter: CallFilter },
): Promise<CallView> {
  await requireTeamOwner(directory, userId, teamId)
  return { scope: { team_id: teamId }, filter }
}

/** Names a bound value in a statement. */
export type Place = (value: string | number) => string

/** Adds values to the bound ones. */
export const placesIn = (bind: (string | number)[]): Place => {
  return (value) => `$${bind.push(value)}`
}

/** The condition of a view. Everything in the text is ours; what a caller sends is bound. */
export function conditionOf({ scope, filter }: CallView, place: Place): string {
  const { from, to } = filter
  const equal = {
    ...scope,
    username: filter.username,
    instance_id: filter.instanceId,
    server: filter.server,
    tool: filter.tool,
    outcome: filter.outcome,
  }
  const conditions = Object.entries(equal)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([column, value]) => `${column} = ${place(value)}`)

  if (filter.tokenId !== undefined) conditions.push(`token_id = ${place(filter.tokenId)}`)
  // No call is known before it was made, so the order of the index bounds what is looked through.
  if (from !== undefined) conditions.push(`id >= ${place(lowestIdAt(moment(from)))}`)
  if (from !== undefined) conditions.push(`called_at >= ${place(timeOf(from))}`)
  if (to !== undefined) conditions.push(`called_at < ${place(timeOf(to))}`)
  return conditions.join(' AND ')
}

function timeOf(text: string): string {
  return sqlTime(new Date(moment(text)))
}

/** The first moment that a database has a time for, and the last; nothing was called outside of them. */
const [FIRST, LAST] = [0, Date.parse('9999-12-31T23:59:59.999Z')]

/** The format allows a leap second, which no Date knows. @throws {ForgeError} invalid_request */
function moment(text: string): number {
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw new ForgeError('invalid_request', 'from and to must be moments that there are.')
  return Math.min(Math.max(time, FIRST), LAST)
}
