import type { Sequelize } from 'sequelize'

import type { ParentFacts } from '../access/rules.ts'
import type { Grant, GrantType } from '../contract/grant.ts'
import { roleFromLevel } from '../contract/role.ts'
import { placesFor, selectRows, type RawBoolean, type RawTime } from '../sql/rows.ts'
import { toEpochMs } from '../sql/time.ts'

/** How often in a row tokens may be exchanged: from A for B, from B for C, from C for D. */
export const MAX_EXCHANGES = 3

/** A token that others came of, and who exchanged for it in its turn. */
export interface Parent extends ParentFacts {
  parentId: string | null
  /** The instance that exchanged for it; null for the token that its owner has minted or approved. */
  actorId: string | null
}

/** A parent without its grants, as JSON or a row tells of it. */
export interface ParentColumns {
  id: string
  roleLevel: number
  readOnly: RawBoolean
  tools: string | null
  createdAt: RawTime
  expiresAt: RawTime | null
  revokedAt: RawTime | null
  retiresAt: RawTime | null
  endNoted: RawBoolean
  parentId: string | null
  actorId: string | null
}

interface Row extends ParentColumns {
  grantType: GrantType | null
  grantTarget: string | null
}

/**
 * The tokens that the given ones were exchanged for, read fresh; for each the nearest first, the root last. One that is
 * not there any more stands as one that was revoked: nothing lives longer than what it came of.
 * @param parentIds nulls are skipped
 */
export async function findParents(
  db: Sequelize,
  parentIds: readonly (string | null)[],
): Promise<(parentId: string | null) => Parent[]> {
  const known = new Map<string, Parent>()
  let wanted = unknownOf(parentIds, known)
  for (let step = 0; step < MAX_EXCHANGES && wanted.length > 0; step++) {
    for (const parent of await readAll(db, wanted)) known.set(parent.id, parent)
    wanted = unknownOf(
      wanted.map((id) => known.get(id)?.parentId ?? null),
      known,
    )
  }
  return (parentId) => lineFrom(parentId, known)
}

/** The nearest first. @param known those that are there */
export function lineFrom(parentId: string | null, known: ReadonlyMap<string, Parent>): Parent[] {
  const line: Parent[] = []
  for (let id = parentId; id !== null; id = line.at(-1)?.parentId ?? null) {
    const parent = line.length < MAX_EXCHANGES ? known.get(id) : undefined
    line.push(parent ?? { ...GONE, id })
  }
  return line
}

function unknownOf(ids: readonly (string | null)[], known: Map<string, Parent>): string[] {
  return [...new Set(ids.filter((id) => id !== null && !known.has(id)))] as string[]
}

async function readAll(db: Sequelize, ids: readonly string[]): Promise<Parent[]> {
  const rows = await selectRows<Row>(
    db,
    `SELECT t.id, t.role_level AS "roleLevel", t.read_only AS "readOnly", t.tools, t.created_at AS "createdAt",
            t.expires_at AS "expiresAt", t.revoked_at AS "revokedAt", t.retires_at AS "retiresAt",
            t.end_noted AS "endNoted", t.parent_id AS "parentId",
            CASE WHEN t.issued_via = 'exchange' THEN t.issued_to_id END AS "actorId",
            g.type AS "grantType", g.target_id AS "grantTarget"
       FROM pat_tokens t LEFT JOIN pat_token_grants g ON g.token_id = t.id
      WHERE t.id IN (${placesFor(ids)})`,
    [...ids],
  )

  const grants = new Map<string, Grant[]>()
  for (const { id, grantType: type, grantTarget } of rows) {
    if (type === null || grantTarget === null) continue
    grants.set(id, [...(grants.get(id) ?? []), { type, id: grantTarget }])
  }
  const tokens = new Map(rows.map((row) => [row.id, row]))
  return [...tokens.values()].map((row) => parentFrom(row, grants.get(row.id) ?? []))
}

export function parentFrom(row: ParentColumns, grants: Grant[]): Parent {
  const role = roleFromLevel(row.roleLevel)
  const { id, parentId, actorId } = row
  if (!role) return { ...GONE, id }

  const epochMs = (time: RawTime | null) => (time === null ? null : toEpochMs(time))
  return {
    id,
    parentId,
    actorId,
    role,
    readOnly: Boolean(row.readOnly),
    tools: row.tools === null ? null : (JSON.parse(row.tools) as string[]),
    grants,
    createdAt: toEpochMs(row.createdAt),
    expiresAt: epochMs(row.expiresAt),
    revokedAt: epochMs(row.revokedAt),
    retiresAt: epochMs(row.retiresAt),
    endNoted: Boolean(row.endNoted),
  }
}

const GONE: Omit<Parent, 'id'> = {
  parentId: null,
  actorId: null,
  role: 'dashboard',
  readOnly: true,
  tools: [],
  grants: [],
  createdAt: 0,
  expiresAt: null,
  revokedAt: 0,
  retiresAt: null,
  endNoted: false,
}
