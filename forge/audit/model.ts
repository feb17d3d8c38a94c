import {
  DataTypes,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Model,
  type ModelStatic,
  type Sequelize,
} from 'sequelize'

import type { AuditScopeType, AuditTriggerType } from '../contract/audit.ts'
import type { RawTime } from '../sql/rows.ts'

/** What an entry says: everything that its proof covers. */
export interface EntryContent {
  /** UUID version 7 (RFC 9562), so that ids sort by time. */
  id: string
  occurrenceId: string
  createdAt: RawTime
  event: string
  scopeType: AuditScopeType
  scopeId: string
  scopeName: string
  actorType: AuditTriggerType
  actorId: string
  actorName: string
  /** The person behind the actor. */
  userId: string | null
  username: string | null
  /** The token that it is about, and whose it is. */
  tokenId: string | null
  tokenName: string | null
  ownerId: string | null
  ownerName: string | null
  sessionId: string | null
  requestId: string | null
  address: string | null
  /** JSON. */
  body: string
}

/** An entry as it is stored. */
export interface Entry extends EntryContent {
  keyId: string
  mac: string
  /** Its number, given by the checkpoint that covers it; null until then. BIGINT: text on PostgreSQL. */
  sequence: number | string | null
  seal: string | null
}

interface EntryRow
  extends Model<InferAttributes<EntryRow>, InferCreationAttributes<EntryRow>>, Omit<Entry, 'sequence' | 'seal'> {
  sequence: CreationOptional<Entry['sequence']>
  seal: CreationOptional<Entry['seal']>
}

/** Fixes which entries exist: those numbered from `firstSequence` to `lastSequence`, and through the chain all before. */
export interface Checkpoint {
  number: number | string
  createdAt: RawTime
  firstSequence: number | string
  lastSequence: number | string
  sealsDigest: string
  previousMac: string | null
  keyId: string
  mac: string
}

type CheckpointRow = Model<Checkpoint, Checkpoint> & Checkpoint

/** How far a sink has been given the entries. */
export interface Stream {
  sink: string
  position: number | string
  updatedAt: Date
}

type StreamRow = Model<Stream, Stream> & Stream

export interface AuditModels {
  Entry: ModelStatic<EntryRow>
  Checkpoint: ModelStatic<CheckpointRow>
  Stream: ModelStatic<StreamRow>
}

/** Defines the audit's tables on a connection. */
export function defineAuditModels(db: Sequelize): AuditModels {
  const settings = { underscored: true, timestamps: false }

  return {
    Entry: db.define<EntryRow>('PatAuditEntry', ENTRY_COLUMNS, { ...settings, tableName: 'pat_audit_entries' }),
    Checkpoint: db.define<CheckpointRow>('PatAuditCheckpoint', CHECKPOINT_COLUMNS, {
      ...settings,
      tableName: 'pat_audit_checkpoints',
    }),
    Stream: db.define<StreamRow>('PatAuditStream', STREAM_COLUMNS, { ...settings, tableName: 'pat_audit_streams' }),
  }
}

const ENTRY_COLUMNS = {
  id: { type: DataTypes.STRING(36), primaryKey: true },
  occurrenceId: DataTypes.STRING(36),
  createdAt: DataTypes.DATE,
  event: DataTypes.STRING(64),
  scopeType: DataTypes.STRING(8),
  scopeId: DataTypes.STRING(64),
  scopeName: DataTypes.TEXT,
  actorType: DataTypes.STRING(17),
  actorId: DataTypes.STRING(64),
  actorName: DataTypes.TEXT,
  userId: DataTypes.STRING(64),
  username: DataTypes.TEXT,
  tokenId: DataTypes.STRING(36),
  tokenName: DataTypes.TEXT,
  ownerId: DataTypes.STRING(64),
  ownerName: DataTypes.TEXT,
  sessionId: DataTypes.STRING(64),
  requestId: DataTypes.TEXT,
  address: DataTypes.TEXT,
  body: DataTypes.TEXT,
  keyId: DataTypes.STRING(8),
  mac: DataTypes.STRING(64),
  sequence: DataTypes.BIGINT,
  seal: DataTypes.STRING(64),
}

const CHECKPOINT_COLUMNS = {
  number: { type: DataTypes.BIGINT, primaryKey: true },
  createdAt: DataTypes.DATE,
  firstSequence: DataTypes.BIGINT,
  lastSequence: DataTypes.BIGINT,
  sealsDigest: DataTypes.STRING(64),
  previousMac: DataTypes.STRING(64),
  keyId: DataTypes.STRING(8),
  mac: DataTypes.STRING(64),
}

const STREAM_COLUMNS = {
  sink: { type: DataTypes.STRING(16), primaryKey: true },
  position: DataTypes.BIGINT,
  updatedAt: DataTypes.DATE,
}
