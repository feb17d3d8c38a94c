import type { Sequelize } from 'sequelize'

import { selectRows } from '../sql/rows.ts'
import { sqlTime } from '../sql/time.ts'

/** What was made with one server key and is still there. */
export interface KeyUsage {
  /** Null for instance credentials of which it is not known: they were last used before it was written down. */
  keyId: string | null
  /** Tokens that may still be used: without the key they are refused. */
  liveTokens: number
  endedTokens: number
  /** Credentials of instances: without the key they are refused. */
  credentials: number
  /** Identity providers: without the key nobody signs in through them. */
  providers: number
  /** Tokens of providers for SCIM: without the key they are refused. */
  scimTokens: number
  /** Entries and checkpoints: without the key they can be read, and not verified. They never move to another key. */
  auditEntries: number
  auditCheckpoints: number
}

type Counts = Omit<KeyUsage, 'keyId'>

export const NONE: Counts = {
  liveTokens: 0,
  endedTokens: 0,
  credentials: 0,
  providers: 0,
  scimTokens: 0,
  auditEntries: 0,
  auditCheckpoints: 0,
}

const LIVE =
  'revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $1) AND (retires_at IS NULL OR retires_at > $1)'

/** Counts, key by key, what is kept under it. Writes nothing. */
export async function countByKey(db: Sequelize, now: Date): Promise<KeyUsage[]> {
  const usages = new Map<string | null, KeyUsage>()
  const add = async (what: keyof Counts, fromWhere: string, bind: string[] = []) => {
    const sql = `SELECT key_id AS "keyId", COUNT(*) AS amount FROM ${fromWhere} GROUP BY key_id`
    for (const { keyId, amount } of await selectRows<Counted>(db, sql, bind)) {
      const usage = usages.get(keyId) ?? { keyId, ...NONE }
      // PostgreSQL counts in 64 bits, which come as text.
      usages.set(keyId, { ...usage, [what]: Number(amount) })
    }
  }

  const at = sqlTime(now)
  await add('liveTokens', `pat_tokens WHERE ${LIVE}`, [at])
  await add('endedTokens', `pat_tokens WHERE NOT (${LIVE})`, [at])
  await add('credentials', 'instance_credentials')
  await add('providers', 'sso_providers')
  await add('scimTokens', 'scim_connections')
  await add('auditEntries', 'pat_audit_entries')
  await add('auditCheckpoints', 'pat_audit_checkpoints')
  return [...usages.values()].sort((a, b) => String(a.keyId).localeCompare(String(b.keyId)))
}

interface Counted {
  keyId: string | null
  amount: number | string
}
