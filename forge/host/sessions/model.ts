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
    },
    { tableName: 'sessions', underscored: true, timestamps: false },
  )
  return { Session }
}
