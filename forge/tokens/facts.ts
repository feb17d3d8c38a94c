import type { Sequelize } from 'sequelize'

import type { TeamFacts, TokenFacts } from '../access/rules.ts'
import { DEFAULT_POLICY } from '../contract/policy.ts'
import type { Grant } from '../contract/grant.ts'
import { roleFromLevel } from '../contract/role.ts'
import type { IssuedVia } from '../contract/token.ts'
import { policyOf, type StoredPolicy } from '../policy/policy.ts'
import { inBatches } from '../sql/in-batches.ts'
import { selectPrepared, type Statement } from '../sql/prepared.ts'
import { selectRows, type RawBoolean, type RawTime } from '../sql/rows.ts'
import { toEpochMs } from '../sql/time.ts'
import type { Parent } from './parents.ts'
import type { StoredSecret } from './secret.ts'

/** A token as introspection needs it: what proves it, whose it is, and what the decision looks at. */
export interface KnownToken extends StoredSecret {
  id: string
  name: string
  userId: string
  familyId: string
  /** Its first use ends the grace of the tokens that it replaces. */
  endsGrace: boolean
  issued: Issued
  /** The tokens that it was exchanged for, the nearest first. */
  parents: Parent[]
  facts: TokenFacts
}

/** How a token came about. */
export interface Issued {
  via: IssuedVia
  /** The program that asked for it, or the instance that exchanged for it. */
  toId: string | null
  parentId: string | null
}

/** What a selector leads to, before anything is proved. */
export type FoundToken = Omit<KnownToken, 'facts' | 'parents'> & { facts: Omit<TokenFacts, keyof Reach> }

/** What is read of a token once it is proved: it may be long. */
export type Reach = Pick<TokenFacts, 'grants' | 'tools'>

/** A row of `pat_tokens t` as `TOKEN_COLUMNS` names it. */
export interface TokenColumns {
  id: string
  name: string
  holderId: string
  secretHash: string
  prefilter: string
  keyId: string
  roleLevel: number
  readOnly: RawBoolean
  createdAt: RawTime
  expiresAt: RawTime | null
  revokedAt: RawTime | null
  retiresAt: RawTime | null
  endNoted: RawBoolean
  familyId: string
  endsGrace: RawBoolean
  issuedVia: IssuedVia
  issuedToId: string | null
  parentId: string | null
}

export const TOKEN_COLUMNS = `t.id, t.name, t.user_id AS "holderId", t.secret_hash AS "secretHash", t.prefilter,
         t.key_id AS "keyId", t.role_level AS "roleLevel", t.read_only AS "readOnly", t.created_at AS "createdAt",
         t.expires_at AS "expiresAt", t.revoked_at AS "revokedAt", t.retires_at AS "retiresAt",
         t.end_noted AS "endNoted", t.family_id AS "familyId", t.ends_grace AS "endsGrace", t.issued_via AS "issuedVia",
         t.issued_to_id AS "issuedToId", t.parent_id AS "parentId"`

/** Guesses that come within this time share a statement. Nobody notices it beside argon2. */
const GATHER_MS = 10

/** The selectors that are asked about, numbered from 1. */
const ASKED = {
  postgres: 'unnest(CAST($1 AS BPCHAR[])) WITH ORDINALITY AS asked (selector, n)',
  sqlite: '(SELECT value AS selector, key + 1 AS n FROM json_each($1)) AS asked',
}

/**
 * What leads from a selector to its token, read fresh; null when there is none. It is asked before anything is proved,
 * so by whoever guesses, as often as they like. There is one row for each selector, whether it exists or not, and
 * nothing that grows with the token: the time of a refusal must not tell an unknown selector from a wrong secret.
 */
export function createTokenFinder(db: Sequelize): (selector: string) => Promise<FoundToken | null> {
  const isPostgres = db.getDialect() === 'postgres'
  const statement: Statement = {
    name: 'pat_tokens_by_selector',
    text: `SELECT CAST(asked.n AS INTEGER) AS n, ${TOKEN_COLUMNS}
      FROM ${isPostgres ? ASKED.postgres : ASKED.sqlite} LEFT JOIN pat_tokens t ON t.selector = asked.selector`,
  }

  return inBatches(
    async (selectors: string[]) => {
      const asked = isPostgres ? selectors : JSON.stringify(selectors)
      const rows = await selectPrepared<(TokenColumns | { id: null }) & { n: number }>(db, statement, [asked])
      const answers = new Array<FoundToken | null>(selectors.length).fill(null)
      for (const row of rows) if (row.id !== null) answers[row.n - 1] = foundFrom(row)
      return answers
    },
    { pauseMs: GATHER_MS },
  )
}

/** Null for a role that nobody knows. */
export function foundFrom(row: TokenColumns): FoundToken | null {
  const role = roleFromLevel(row.roleLevel)
  if (!role) return null

  const epochMs = (time: RawTime | null) => (time === null ? null : toEpochMs(time))
  return {
    id: row.id,
    name: row.name,
    userId: row.holderId,
    familyId: row.familyId,
    endsGrace: Boolean(row.endsGrace),
    issued: { via: row.issuedVia, toId: row.issuedToId, parentId: row.parentId },
    secretHash: row.secretHash,
    prefilter: row.prefilter,
    keyId: row.keyId,
    facts: {
      role,
      readOnly: Boolean(row.readOnly),
      createdAt: toEpochMs(row.createdAt),
      expiresAt: epochMs(row.expiresAt),
      revokedAt: epochMs(row.revokedAt),
      retiresAt: epochMs(row.retiresAt),
      endNoted: Boolean(row.endNoted),
    },
  }
}

/** What a token that was proved may reach and call. */
export async function findReach(db: Sequelize, tokenId: string): Promise<Reach> {
  const rows = await selectRows<Grant | { type: 'tools'; id: string }>(
    db,
    `SELECT type, target_id AS id FROM pat_token_grants WHERE token_id = $tokenId
     UNION ALL SELECT 'tools' AS type, tools AS id FROM pat_tokens WHERE id = $tokenId AND tools IS NOT NULL`,
    { tokenId },
  )
  const tools = rows.find(({ type }) => type === 'tools')
  return {
    grants: rows.filter((row): row is Grant => row.type !== 'tools'),
    tools: tools ? (JSON.parse(tools.id) as string[]) : null,
  }
}

/** What `teamColumns` selects. */
export type TeamColumns = { [Column in keyof StoredPolicy]: StoredPolicy[Column] | null } & {
  approved: RawBoolean
  cutOff: RawBoolean
}

/** What a team says of a token, as SQL beside a `LEFT JOIN pat_policies p`. The arguments are SQL too. */
export function teamColumns(about: { rootId: string; tokenIds: string; teamId: string; instanceId: string }): string {
  const { rootId, tokenIds, teamId, instanceId } = about
  return `p.enabled, p.max_lifetime_days AS "maxLifetimeDays", p.allow_no_expiry AS "allowNoExpiry",
         p.max_role_level AS "maxRoleLevel", p.read_only_only AS "readOnlyOnly", p.grant_types AS "grantTypes",
         p.production_needs_approval AS "productionNeedsApproval", p.sso_freshness_days AS "ssoFreshnessDays",
         p.mcp_only AS "mcpOnly",
         EXISTS (SELECT 1 FROM pat_approvals a
                  WHERE a.token_id = ${rootId} AND a.team_id = ${teamId} AND a.state = 'approved') AS approved,
         EXISTS (SELECT 1 FROM pat_cuts c
                  WHERE c.token_id IN (${tokenIds})
                    AND ((c.scope_type = 'team' AND c.scope_id = ${teamId})
                      OR (c.scope_type = 'instance' AND c.scope_id = ${instanceId}))) AS "cutOff"`
}

const TEAM_FACTS: Statement = {
  name: 'pat_team_facts',
  text: `SELECT ${teamColumns({ teamId: '$1', instanceId: '$2', rootId: '$3', tokenIds: '$4, $5, $6, $7' })}
    FROM (SELECT 1 AS one) AS always LEFT JOIN pat_policies p ON p.team_id = $1`,
}

/**
 * What the instance's team says of a token, read fresh in one statement. What owners have approved of the one that it
 * was once exchanged for they have approved of it, and where they have ended one of its parents it is ended too.
 */
export async function findTeamFacts(
  db: Sequelize,
  {
    parents = [],
    ...about
  }: { tokenId: string; teamId: string; instanceId: string; parents?: readonly { id: string }[] },
): Promise<TeamFacts> {
  const { tokenId, teamId, instanceId } = about
  const rootId = parents.at(-1)?.id ?? tokenId
  const line = [0, 1, 2].map((step) => parents[step]?.id ?? '')
  const [row] = await selectPrepared<TeamColumns>(db, TEAM_FACTS, [teamId, instanceId, rootId, tokenId, ...line])
  if (!row) throw new TypeError('a statement that always answers one row answered none')
  return teamFactsFrom(row)
}

export function teamFactsFrom(row: TeamColumns): TeamFacts {
  return {
    policy: hasPolicy(row) ? policyOf(row) : DEFAULT_POLICY,
    approved: Boolean(row.approved),
    cutOff: Boolean(row.cutOff),
  }
}

/** Every column of a policy but one is never null, so one of them tells whether there is a row. */
function hasPolicy(row: TeamColumns): row is TeamColumns & StoredPolicy {
  return row.maxRoleLevel !== null
}
