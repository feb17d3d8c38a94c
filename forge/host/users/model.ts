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

export interface UserRow extends Model<InferAttributes<UserRow>, InferCreationAttributes<UserRow>> {
  id: CreationOptional<string>
  username: string
  name: string
  email: string
  passwordHash: string
  admin: boolean
  suspended: CreationOptional<boolean>
  /** The provider that did it; null for an administrator. */
  suspendedBy: CreationOptional<string | null>
  createdAt: CreationOptional<Date>
  updatedAt: CreationOptional<Date>
}

/** Its only row belongs to whoever set this forge up. */
export interface FirstAdminRow extends Model<InferAttributes<FirstAdminRow>, InferCreationAttributes<FirstAdminRow>> {
  slot: 1
  createdAt: CreationOptional<Date>
}

export interface UserModels {
  User: ModelStatic<UserRow>
  FirstAdmin: ModelStatic<FirstAdminRow>
}

export function defineUserModels(db: Sequelize): UserModels {
  const User = db.define<UserRow>(
    'User',
    {
      id: { type: DataTypes.STRING(36), primaryKey: true, defaultValue: () => randomUUID() },
      username: DataTypes.STRING(40),
      name: DataTypes.STRING(100),
      email: DataTypes.STRING(254),
      passwordHash: DataTypes.STRING(255),
      admin: DataTypes.BOOLEAN,
      suspended: { type: DataTypes.BOOLEAN, defaultValue: false },
      suspendedBy: DataTypes.STRING(36),
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
    },
    { tableName: 'users', underscored: true },
  )

  const FirstAdmin = db.define<FirstAdminRow>(
    'FirstAdmin',
    { slot: { type: DataTypes.INTEGER, primaryKey: true }, createdAt: DataTypes.DATE },
    { tableName: 'first_admin', underscored: true, updatedAt: false },
  )

  return { User, FirstAdmin }
}
