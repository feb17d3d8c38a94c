import { randomUUID } from 'node:crypto'

import {
  DataTypes,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Model,
  type ModelStatic,
  type Sequelize,
} from 'sequelize'

import type { NoticeContent, NoticeKind } from '../contract/notice.ts'

export interface NoticeRow extends Model<InferAttributes<NoticeRow>, InferCreationAttributes<NoticeRow>> {
  id: CreationOptional<string>
  userId: string
  kind: string
  /** The body as JSON. */
  body: string
  /** Says what the notice is about: a person is told each thing once. */
  dedupeKey: string
  createdAt: Date
  readAt: CreationOptional<Date | null>
  mailedAt: CreationOptional<Date | null>
  mailAttempts: CreationOptional<number>
  /** When the mail is to be tried next; null once it is sent or given up. */
  mailDueAt: Date | null
}

export type NoticeModel = ModelStatic<NoticeRow>

/** Defines the table of notices on a connection, once. */
export function defineNoticeModel(db: Sequelize): NoticeModel {
  if (db.isDefined('PatNotice')) return db.model('PatNotice') as NoticeModel

  return db.define<NoticeRow>(
    'PatNotice',
    {
      id: { type: DataTypes.STRING(36), primaryKey: true, defaultValue: () => randomUUID() },
      userId: DataTypes.STRING(64),
      kind: DataTypes.STRING(32),
      body: DataTypes.TEXT,
      dedupeKey: DataTypes.STRING(150),
      createdAt: DataTypes.DATE,
      readAt: DataTypes.DATE,
      mailedAt: DataTypes.DATE,
      mailAttempts: { type: DataTypes.INTEGER, defaultValue: 0 },
      mailDueAt: DataTypes.DATE,
    },
    { tableName: 'pat_notices', underscored: true, timestamps: false },
  )
}

const KINDS: Record<NoticeKind, true> = {
  'tokens-end': true,
  'token-revoked': true,
  'retired-token-used': true,
  'token-leaked': true,
  'approval-requested': true,
  'approval-decided': true,
  'policy-changed': true,
}

/** The kinds that this forge can put into words; a newer one on the same database may write others. */
export const KNOWN_KINDS = Object.keys(KINDS)

/** What a row of a known kind says; the type is the one that it was written with. */
export function contentOf({ kind, body }: NoticeRow): NoticeContent {
  return { kind, body: JSON.parse(body) as unknown } as NoticeContent
}
