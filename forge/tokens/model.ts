import { randomUUID } from 'node:crypto'

import {
  DataTypes,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Model,
  type ModelStatic,
  type NonAttribute,
  type Sequelize,
} from 'sequelize'

import type { GrantType } from '../contract/token.ts'

export interface TokenRow extends Model<InferAttributes<TokenRow>, InferCreationAttributes<TokenRow>> {
  id: CreationOptional<string>
  selector: string
  secretHash: string
  prefilter: string
  keyId: string
  userId: string
  name: string
  description: string
  roleLevel: number
  readOnly: boolean
  expiresAt: Date | null
  revokedAt: CreationOptional<Date | null>
  lastUsedAt: CreationOptional<Date | null>
  lastUsedInstanceId: CreationOptional<string | null>
  createdAt: CreationOptional<Date>
  updatedAt: CreationOptional<Date>
  grants?: NonAttribute<GrantRow[]>
}

export interface GrantRow extends Model<InferAttributes<GrantRow>, InferCreationAttributes<GrantRow>> {
  tokenId: CreationOptional<string>
  type: GrantType
  targetId: string
}

export interface TokenModels {
  Token: ModelStatic<TokenRow>
  Grant: ModelStatic<GrantRow>
}

/** Defines the module's token tables on a connection; one process may hold several. */
export function defineTokenModels(db: Sequelize): TokenModels {
  const Token = db.define<TokenRow>(
    'PatToken',
    {
      id: { type: DataTypes.STRING(36), primaryKey: true, defaultValue: () => randomUUID() },
      selector: DataTypes.STRING(12),
      secretHash: DataTypes.STRING(255),
      prefilter: DataTypes.STRING(8),
      keyId: DataTypes.STRING(8),
      userId: DataTypes.STRING(64),
      name: DataTypes.STRING(100),
      description: DataTypes.STRING(1000),
      roleLevel: DataTypes.INTEGER,
      readOnly: DataTypes.BOOLEAN,
      expiresAt: DataTypes.DATE,
      revokedAt: DataTypes.DATE,
      lastUsedAt: DataTypes.DATE,
      lastUsedInstanceId: DataTypes.STRING(64),
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
    },
    { tableName: 'pat_tokens', underscored: true },
  )

  const Grant = db.define<GrantRow>(
    'PatTokenGrant',
    {
      tokenId: { type: DataTypes.STRING(36), primaryKey: true },
      type: { type: DataTypes.STRING(11), primaryKey: true },
      targetId: { type: DataTypes.STRING(64), primaryKey: true },
    },
    { tableName: 'pat_token_grants', underscored: true, timestamps: false },
  )

  Token.hasMany(Grant, { as: 'grants', foreignKey: 'tokenId' })
  return { Token, Grant }
}
