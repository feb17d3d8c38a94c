import { randomUUID } from 'node:crypto'

import {
  DataTypes,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Model,
  type ModelStatic,
  type Sequelize,
  type Transaction,
} from 'sequelize'

/** Dotted, as FlowFuse names its events. */
export type AuditEvent = 'user.pat.created' | 'user.pat.revoked'

/** Who did it, with what, from where. */
export interface Actor {
  userId: string
  /** Public reference of the browser session. */
  sessionId: string
  requestId: string
  address: string
}

export interface AuditEntry {
  event: AuditEvent
  actor: Actor
  /** Whose log it belongs to. */
  scope: { type: 'user'; id: string }
  tokenId: string
  /** What changed, for people to read; never a secret. */
  body: Record<string, unknown>
}

interface AuditRow extends Model<InferAttributes<AuditRow>, InferCreationAttributes<AuditRow>> {
  id: CreationOptional<string>
  event: string
  scopeType: string
  scopeId: string
  actorId: string | null
  sessionId: string | null
  tokenId: string | null
  requestId: string | null
  address: string | null
  body: string
  createdAt: CreationOptional<Date>
}

export interface Audit {
  /** Appends an entry in the transaction of the change, so that neither stands without the other. */
  write(entry: AuditEntry, transaction: Transaction): Promise<void>
}

export function createAudit(db: Sequelize): Audit {
  const Entry: ModelStatic<AuditRow> = db.define<AuditRow>(
    'PatAuditEntry',
    {
      id: { type: DataTypes.STRING(36), primaryKey: true, defaultValue: () => randomUUID() },
      event: DataTypes.STRING(64),
      scopeType: DataTypes.STRING(16),
      scopeId: DataTypes.STRING(64),
      actorId: DataTypes.STRING(64),
      sessionId: DataTypes.STRING(64),
      tokenId: DataTypes.STRING(36),
      requestId: DataTypes.STRING(64),
      address: DataTypes.STRING(64),
      body: DataTypes.TEXT,
      createdAt: DataTypes.DATE,
    },
    { tableName: 'pat_audit_entries', underscored: true, updatedAt: false },
  )

  return {
    async write({ event, actor, scope, tokenId, body }, transaction) {
      await Entry.create(
        {
          event,
          scopeType: scope.type,
          scopeId: scope.id,
          actorId: actor.userId,
          sessionId: actor.sessionId,
          tokenId,
          requestId: actor.requestId,
          address: actor.address,
          body: JSON.stringify(body),
        },
        { transaction },
      )
    },
  }
}
