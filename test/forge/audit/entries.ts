import type { Sequelize } from 'sequelize'

import type { PersonActor } from '../../../forge/audit/actor.ts'
import { createAudit, type Audit } from '../../../forge/audit/audit.ts'
import type { CheckpointStore } from '../../../forge/audit/checkpoints.ts'
import { ownLog, teamLog, type AuditEntry } from '../../../forge/audit/entry.ts'
import { defineAuditModels } from '../../../forge/audit/model.ts'
import { createAuditProver } from '../../../forge/audit/proof.ts'
import { createSecretKeys } from '../../../forge/keys.ts'

export const keys = createSecretKeys(Buffer.alloc(32, 7).toString('base64'))
export const otherKeys = createSecretKeys(Buffer.alloc(32, 8).toString('base64'))

const alice: PersonActor = {
  type: 'user',
  userId: 'alice-id',
  username: 'alice',
  sessionId: 'session-1',
  requestId: 'req-1',
  address: '192.0.2.7',
}
const owner = { id: alice.userId, username: alice.username }

export const laptop = { id: '0b6c1c8e-3f53-4b4c-9a52-0f7f5b6f2b11', name: 'Laptop', owner }
const packaging = { id: 'team-1', name: 'Packaging' }

/** Alice revokes her token, which reached the team Packaging. */
export const revoked: AuditEntry<'user.pat.revoked'> = {
  event: 'user.pat.revoked',
  actor: alice,
  scopes: [ownLog(owner), teamLog(packaging)],
  token: laptop,
  body: { reason: 'by_owner' },
}

/** The same in Alice's log alone: one row. */
export const inOwnLog: AuditEntry<'user.pat.revoked'> = { ...revoked, scopes: [ownLog(owner)] }

/** Writes entries one after the other, each in a transaction of its own. */
export async function writeAll(db: Sequelize, audit: Audit, entries: AuditEntry[]): Promise<void> {
  for (const entry of entries) await db.transaction((transaction) => audit.write(entry, transaction))
}

export function auditOn(db: Sequelize, secretKeys = keys): Audit & CheckpointStore {
  const audit = createAudit(db, secretKeys, fail)
  return { ...audit, db, models: defineAuditModels(db), prover: createAuditProver(secretKeys) }
}

function fail(error: unknown): never {
  throw error
}
