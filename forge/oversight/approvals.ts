import { literal, Op, type WhereOptions } from 'sequelize'

import type { TeamApproval, TeamApprovalPage, TeamApprovalQuery } from '../contract/oversight.ts'
import type { Person } from '../directory/directory.ts'
import { readCursor, unknownCursor, writeCursor } from '../sql/cursor.ts'
import type { ApprovalRow } from '../tokens/model.ts'
import { stateOf } from '../tokens/present.ts'
import type { TokenStore } from '../tokens/store.ts'
import { holderOf } from './inventory.ts'
import { named, ownedTeam, type Scope } from './scope.ts'
import { loadStandings, type Standing } from './standing.ts'

const PENDING_FIRST = "CASE WHEN state = 'pending' THEN 0 ELSE 1 END"

/** What a team's owners were asked to approve: pending first, then the newest first. @throws {ForgeError} not_found */
export async function listApprovals(
  store: TokenStore,
  userId: string,
  { id, cursor, limit = 100, state }: TeamApprovalQuery & { id: string },
): Promise<TeamApprovalPage> {
  const scope = await ownedTeam(store.directory, userId, id)
  const { Approval } = store.models
  const ours: WhereOptions<ApprovalRow> = { teamId: scope.team.id, ...(state === undefined ? {} : { state }) }

  const [count, rows] = await Promise.all([
    Approval.count({ where: ours }),
    Approval.findAll({
      where: cursor === undefined ? ours : { [Op.and]: [ours, after(cursor)] },
      order: [
        [literal(PENDING_FIRST), 'ASC'],
        ['createdAt', 'DESC'],
        ['tokenId', 'DESC'],
      ],
      limit: limit + 1,
    }),
  ])

  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return {
    meta: last ? { next_cursor: cursorOf(last) } : {},
    count,
    approvals: await presentAll(store, scope, shown),
  }
}

async function presentAll(store: TokenStore, scope: Scope, rows: ApprovalRow[]): Promise<TeamApproval[]> {
  const deciders = rows.map(({ decidedBy }) => decidedBy).filter((id) => id !== null)
  const [standings, people] = await Promise.all([
    loadStandings(
      store,
      scope,
      rows.map(({ tokenId }) => tokenId),
    ),
    store.directory.people([...new Set(deciders)]),
  ])

  const now = Date.now()
  return rows.flatMap((row) => {
    const standing = standings.find((each) => each.row.id === row.tokenId)
    return standing ? present(scope, { row, standing, people }, now) : []
  })
}

interface Asked {
  row: ApprovalRow
  standing: Standing
  people: Person[]
}

function present(scope: Scope, { row, standing, people }: Asked, now: number): TeamApproval {
  const { row: token, facts, holder, instances } = standing

  return {
    token: {
      id: token.id,
      selector: token.selector,
      name: token.name,
      role: facts.role,
      readOnly: facts.readOnly,
      grants: named(scope, facts.grants),
      state: stateOf(token, now),
      expiresAt: token.expiresAt?.toISOString() ?? null,
    },
    requester: holderOf(token.userId, holder),
    reason: row.reason,
    instances: instances.filter(({ production }) => production).map(({ id, name }) => ({ id, name })),
    state: row.state,
    requestedAt: row.createdAt.toISOString(),
    decidedBy: row.decidedBy === null ? null : holderOf(row.decidedBy, personOf(people, row.decidedBy)),
    decidedAt: row.decidedAt?.toISOString() ?? null,
  }
}

const personOf = (people: Person[], id: string) => people.find((person) => person.id === id)

/** The place of a row in the list: a page begins there even when something was asked or decided meanwhile. */
function cursorOf({ state, createdAt, tokenId }: ApprovalRow): string {
  return `${state === 'pending' ? 'pending' : 'decided'}_${writeCursor({ createdAt, id: tokenId })}`
}

/** @throws {ForgeError} invalid_request for a cursor that no list gave out */
function after(cursor: string): WhereOptions<ApprovalRow> {
  const [part, place] = /^(pending|decided)_(.+)$/.exec(cursor)?.slice(1) ?? []
  if (!part || !place) throw unknownCursor()

  const { createdAt, id: tokenId } = readCursor(place)
  const older = { [Op.or]: [{ createdAt: { [Op.lt]: createdAt } }, { createdAt, tokenId: { [Op.lt]: tokenId } }] }
  const decided = { state: { [Op.ne]: 'pending' as const } }
  return part === 'decided'
    ? { [Op.and]: [decided, older] }
    : { [Op.or]: [{ [Op.and]: [{ state: 'pending' as const }, older] }, decided] }
}
