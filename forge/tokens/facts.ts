import { QueryTypes, type Sequelize } from 'sequelize'

import type { TokenFacts } from '../access/rules.ts'
import { roleFromLevel } from '../contract/role.ts'
import type { GrantType } from '../contract/token.ts'
import type { StoredSecret } from './secret.ts'

/** A token as introspection needs it: what proves it, whose it is, and what the decision looks at. */
export interface KnownToken {
  id: string
  userId: string
  /** Epoch ms. */
  createdAt: number
  secret: StoredSecret
  facts: TokenFacts
}

/** One row per grant; a token always has at least one. */
interface Row {
  id: string
  userId: string
  secretHash: string
  prefilter: string
  keyId: string
  roleLevel: number
  readOnly: boolean | 0 | 1
  createdAt: string | Date
  expiresAt: string | Date | null
  revokedAt: string | Date | null
  grantType: GrantType
  targetId: string
}

const BY_SELECTOR = `
  SELECT t.id, t.user_id AS "userId", t.secret_hash AS "secretHash", t.prefilter, t.key_id AS "keyId",
         t.role_level AS "roleLevel", t.read_only AS "readOnly",
         t.created_at AS "createdAt", t.expires_at AS "expiresAt", t.revoked_at AS "revokedAt",
         g.type AS "grantType", g.target_id AS "targetId"
    FROM pat_tokens t JOIN pat_token_grants g ON g.token_id = t.id
   WHERE t.selector = $selector`

/** The token behind a selector, read fresh in one statement; null when there is none. */
export async function findToken(db: Sequelize, selector: string): Promise<KnownToken | null> {
  const rows = await db.query<Row>(BY_SELECTOR, { bind: { selector }, type: QueryTypes.SELECT })
  const [row] = rows
  if (!row) return null

  const role = roleFromLevel(row.roleLevel)
  if (!role) return null

  return {
    id: row.id,
    userId: row.userId,
    createdAt: epochMs(row.createdAt),
    secret: { secretHash: row.secretHash, prefilter: row.prefilter, keyId: row.keyId },
    facts: {
      role,
      readOnly: Boolean(row.readOnly),
      expiresAt: row.expiresAt === null ? null : epochMs(row.expiresAt),
      revokedAt: row.revokedAt === null ? null : epochMs(row.revokedAt),
      grants: rows.map(({ grantType, targetId }) => ({ type: grantType, id: targetId })),
    },
  }
}

/** SQLite answers a time as text, PostgreSQL as a Date. */
function epochMs(time: string | Date): number {
  return new Date(time).getTime()
}
