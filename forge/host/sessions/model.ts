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

export interface SessionRow extends Model<InferAttributes<SessionRow>, InferCreationAttributes<SessionRow>> {
  /** Public reference, fit for an audit; the cookie holds something else. */
  id: CreationOptional<string>
  /** SHA-256 of what the cookie holds, in hex. */
  sidHash: string
  userId: string
  createdAt: Date
  lastSeenAt: Date
  /** The identity provider that the person came through; null after a sign-in with a password. */
  providerId: CreationOptional<string | null>
  /** When the provider saw them prove who they are; null: when the session began. */
  authenticatedAt: CreationOptional<Date | null>
  /** What the provider calls its own session. */
  providerSid: CreationOptional<string | null>
  /** How to sign out there, encrypted: it holds an ID token. */
  sealedLogout: CreationOptional<string | null>
}

export interface SessionModels {
  Session: ModelStatic<SessionRow>
}

export function defineSessionModels(db: Sequelize): SessionModels {
  const Session = db.define<SessionRow>(
    'Session',
    {
      id: { type: DataTypes.STRING(36), primaryKey: true, defaultValue: () => randomUUID() },
      sidHash: DataTypes.CHAR(64),
      userId: DataTypes.STRING(36),
      createdAt: DataTypes.DATE,
      lastSeenAt: DataTypes.DATE,
      providerId: DataTypes.STRING(36),
      authenticatedAt: DataTypes.DATE,
      providerSid: DataTypes.STRING(255),
      sealedLogout: DataTypes.TEXT,
    },
    { tableName: 'sessions', underscored: true, timestamps: false },
  )
  return { Session }
}
