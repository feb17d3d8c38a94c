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

export interface TeamRow extends Model<InferAttributes<TeamRow>, InferCreationAttributes<TeamRow>> {
  id: CreationOptional<string>
  name: string
  slug: string
  suspended: CreationOptional<boolean>
  createdAt: CreationOptional<Date>
  updatedAt: CreationOptional<Date>
}

export interface MemberRow extends Model<InferAttributes<MemberRow>, InferCreationAttributes<MemberRow>> {
  teamId: string
  userId: string
  roleLevel: number
  /** The identity provider whose groups say so; null for what was set by hand. */
  managedBy: CreationOptional<string | null>
  createdAt: CreationOptional<Date>
  updatedAt: CreationOptional<Date>
}

/** One member's role in one application, in place of the team role. */
export interface OverrideRow extends Model<InferAttributes<OverrideRow>, InferCreationAttributes<OverrideRow>> {
  applicationId: string
  userId: string
  teamId: string
  roleLevel: number
  /** The identity provider whose groups say so; null for what was set by hand. */
  managedBy: CreationOptional<string | null>
  createdAt: CreationOptional<Date>
  updatedAt: CreationOptional<Date>
}

export interface TeamModels {
  Team: ModelStatic<TeamRow>
  Member: ModelStatic<MemberRow>
  Override: ModelStatic<OverrideRow>
}

export function defineTeamModels(db: Sequelize): TeamModels {
  const times = { createdAt: DataTypes.DATE, updatedAt: DataTypes.DATE }

  const Team = db.define<TeamRow>(
    'Team',
    {
      id: { type: DataTypes.STRING(36), primaryKey: true, defaultValue: () => randomUUID() },
      name: DataTypes.STRING(100),
      slug: DataTypes.STRING(40),
      suspended: { type: DataTypes.BOOLEAN, defaultValue: false },
      ...times,
    },
    { tableName: 'teams', underscored: true },
  )

  const Member = db.define<MemberRow>(
    'TeamMember',
    {
      teamId: { type: DataTypes.STRING(36), primaryKey: true },
      userId: { type: DataTypes.STRING(36), primaryKey: true },
      roleLevel: DataTypes.INTEGER,
      managedBy: DataTypes.STRING(36),
      ...times,
    },
    { tableName: 'team_members', underscored: true },
  )

  const Override = db.define<OverrideRow>(
    'RoleOverride',
    {
      applicationId: { type: DataTypes.STRING(36), primaryKey: true },
      userId: { type: DataTypes.STRING(36), primaryKey: true },
      teamId: DataTypes.STRING(36),
      roleLevel: DataTypes.INTEGER,
      managedBy: DataTypes.STRING(36),
      ...times,
    },
    { tableName: 'role_overrides', underscored: true },
  )

  return { Team, Member, Override }
}
