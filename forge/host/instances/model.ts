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

export interface InstanceRow extends Model<InferAttributes<InstanceRow>, InferCreationAttributes<InstanceRow>> {
  id: CreationOptional<string>
  applicationId: string
  name: string
  url: string
  /** Real work depends on it; teams may want tokens approved before they reach it. */
  production: CreationOptional<boolean>
  createdAt: CreationOptional<Date>
  updatedAt: CreationOptional<Date>
}

/** What an instance proves itself with; at most one each. */
export interface CredentialRow extends Model<InferAttributes<CredentialRow>, InferCreationAttributes<CredentialRow>> {
  instanceId: string
  /** HMAC-SHA-256 under a key that is not in the database, in hex. */
  secretHash: string
  /** Of the server key that the HMAC's key is derived from; null when it was issued before this was kept. */
  keyId: string | null
  createdAt: Date
  lastUsedAt: Date | null
}

export interface InstanceModels {
  Instance: ModelStatic<InstanceRow>
  Credential: ModelStatic<CredentialRow>
}

export function defineInstanceModels(db: Sequelize): InstanceModels {
  const Instance = db.define<InstanceRow>(
    'Instance',
    {
      id: { type: DataTypes.STRING(36), primaryKey: true, defaultValue: () => randomUUID() },
      applicationId: DataTypes.STRING(36),
      name: DataTypes.STRING(100),
      url: DataTypes.STRING(500),
      production: { type: DataTypes.BOOLEAN, defaultValue: false },
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
    },
    { tableName: 'instances', underscored: true },
  )

  const Credential = db.define<CredentialRow>(
    'InstanceCredential',
    {
      instanceId: { type: DataTypes.STRING(36), primaryKey: true },
      secretHash: DataTypes.CHAR(64),
      keyId: DataTypes.CHAR(8),
      createdAt: DataTypes.DATE,
      lastUsedAt: DataTypes.DATE,
    },
    { tableName: 'instance_credentials', underscored: true, timestamps: false },
  )

  return { Instance, Credential }
}
