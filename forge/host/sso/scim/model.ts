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

/** That a provider may speak SCIM, and how it proves itself. */
export interface ConnectionRow extends Model<InferAttributes<ConnectionRow>, InferCreationAttributes<ConnectionRow>> {
  providerId: string
  secretHash: string
  keyId: string
  /** From its first group on: the groups of its people are what SCIM says, whatever a sign-in claims. */
  tellsGroups: CreationOptional<boolean>
  createdAt: Date
  lastUsedAt: CreationOptional<Date | null>
}

/** A person as a provider tells of them. */
export interface ScimUserRow extends Model<InferAttributes<ScimUserRow>, InferCreationAttributes<ScimUserRow>> {
  id: CreationOptional<string>
  providerId: string
  /** Their account. */
  userId: string
  userName: string
  /** In lower case: two user names that differ in case alone are one (RFC 7643 section 4.1.1). */
  userNameKey: string
  externalId: string | null
  active: boolean
  /** JSON of `MoreAttributes`. */
  attributes: string
  version: CreationOptional<number>
  createdAt: CreationOptional<Date>
  updatedAt: CreationOptional<Date>
}

export interface ScimGroupRow extends Model<InferAttributes<ScimGroupRow>, InferCreationAttributes<ScimGroupRow>> {
  id: CreationOptional<string>
  providerId: string
  displayName: string
  displayNameKey: string
  externalId: string | null
  version: CreationOptional<number>
  createdAt: CreationOptional<Date>
  updatedAt: CreationOptional<Date>
}

export interface ScimMemberRow extends Model<InferAttributes<ScimMemberRow>, InferCreationAttributes<ScimMemberRow>> {
  groupId: string
  scimUserId: string
}

export interface ScimModels {
  ScimConnection: ModelStatic<ConnectionRow>
  ScimUser: ModelStatic<ScimUserRow>
  ScimGroup: ModelStatic<ScimGroupRow>
  ScimMember: ModelStatic<ScimMemberRow>
}

export function defineScimModels(db: Sequelize): ScimModels {
  const key = DataTypes.STRING(36)
  const id = { type: key, primaryKey: true, defaultValue: () => randomUUID() }
  const text = DataTypes.STRING(255)
  const version = { type: DataTypes.INTEGER, defaultValue: 1 }
  const times = { createdAt: DataTypes.DATE, updatedAt: DataTypes.DATE }

  const ScimConnection = db.define<ConnectionRow>(
    'ScimConnection',
    {
      providerId: { type: key, primaryKey: true },
      secretHash: DataTypes.CHAR(64),
      keyId: DataTypes.CHAR(8),
      tellsGroups: { type: DataTypes.BOOLEAN, defaultValue: false },
      createdAt: DataTypes.DATE,
      lastUsedAt: DataTypes.DATE,
    },
    { tableName: 'scim_connections', underscored: true, timestamps: false },
  )
  const ScimUser = db.define<ScimUserRow>(
    'ScimUser',
    {
      id,
      providerId: key,
      userId: key,
      userName: text,
      userNameKey: text,
      externalId: text,
      active: DataTypes.BOOLEAN,
      attributes: DataTypes.TEXT,
      version,
      ...times,
    },
    { tableName: 'scim_users', underscored: true },
  )
  const ScimGroup = db.define<ScimGroupRow>(
    'ScimGroup',
    { id, providerId: key, displayName: text, displayNameKey: text, externalId: text, version, ...times },
    { tableName: 'scim_groups', underscored: true },
  )
  const ScimMember = db.define<ScimMemberRow>(
    'ScimMember',
    { groupId: { type: key, primaryKey: true }, scimUserId: { type: key, primaryKey: true } },
    { tableName: 'scim_members', underscored: true, timestamps: false },
  )
  return { ScimConnection, ScimUser, ScimGroup, ScimMember }
}
