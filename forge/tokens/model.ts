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

import type { GrantType } from '../contract/grant.ts'
import type { ApprovalState, EndReason, IssuedVia } from '../contract/token.ts'

export interface TokenRow extends Model<InferAttributes<TokenRow>, InferCreationAttributes<TokenRow>> {
  id: CreationOptional<string>
  selector: string
  secretHash: string
  prefilter: string
  keyId: string
  userId: string
  /** The one team that all its grants are in; null where that is not so, or not known. */
  teamId: CreationOptional<string | null>
  /** The grant that reaches furthest, as `keyOfGrant` writes it; null where it is not noted. */
  widestGrant: CreationOptional<string | null>
  name: string
  description: string
  roleLevel: number
  readOnly: boolean
  /** JSON: names of the tools that it is limited to. */
  tools: CreationOptional<string | null>
  expiresAt: Date | null
  revokedAt: CreationOptional<Date | null>
  lastUsedAt: CreationOptional<Date | null>
  lastUsedInstanceId: CreationOptional<string | null>
  lastUsedClient: CreationOptional<string | null>
  lastUsedAddress: CreationOptional<string | null>
  familyId: string
  replacedById: CreationOptional<string | null>
  retiresAt: CreationOptional<Date | null>
  retiresOnFirstUse: CreationOptional<boolean>
  endsGrace: CreationOptional<boolean>
  endReason: CreationOptional<EndReason | null>
  /** Whether an end that came by time stands in the audit. */
  endNoted: CreationOptional<boolean>
  alarmAt: CreationOptional<Date | null>
  alarmInstanceId: CreationOptional<string | null>
  alarmClient: CreationOptional<string | null>
  issuedVia: CreationOptional<IssuedVia>
  issuedToId: CreationOptional<string | null>
  issuedToName: CreationOptional<string | null>
  parentId: CreationOptional<string | null>
  createdAt: CreationOptional<Date>
  updatedAt: CreationOptional<Date>
  grants?: NonAttribute<GrantRow[]>
  approvals?: NonAttribute<ApprovalRow[]>
  predecessor?: NonAttribute<Pick<TokenRow, 'id'> | null>
}

export interface GrantRow extends Model<InferAttributes<GrantRow>, InferCreationAttributes<GrantRow>> {
  tokenId: CreationOptional<string>
  type: GrantType
  targetId: string
  /** Whether all grants of the token are in one team: then its `teamId` says which. */
  inOneTeam: CreationOptional<boolean>
  /** Whether the token notes it as its widest. */
  widest: CreationOptional<boolean>
}

/** An owner's word on a token that wants to reach the team's production instances. */
export interface ApprovalRow extends Model<InferAttributes<ApprovalRow>, InferCreationAttributes<ApprovalRow>> {
  tokenId: string
  teamId: string
  state: ApprovalState
  reason: string
  decidedBy: CreationOptional<string | null>
  decidedAt: CreationOptional<Date | null>
  createdAt: CreationOptional<Date>
  updatedAt: CreationOptional<Date>
}

/** A token that an owner has ended for the team or for one of its instances. It is never undone. */
export interface CutRow extends Model<InferAttributes<CutRow>, InferCreationAttributes<CutRow>> {
  tokenId: string
  scopeType: 'team' | 'instance'
  scopeId: string
  cutBy: string
  createdAt: CreationOptional<Date>
}

export interface TokenModels {
  Token: ModelStatic<TokenRow>
  Grant: ModelStatic<GrantRow>
  Approval: ModelStatic<ApprovalRow>
  Cut: ModelStatic<CutRow>
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
      teamId: DataTypes.STRING(64),
      widestGrant: DataTypes.STRING(76),
      name: DataTypes.STRING(100),
      description: DataTypes.STRING(1000),
      roleLevel: DataTypes.INTEGER,
      readOnly: DataTypes.BOOLEAN,
      tools: DataTypes.TEXT,
      expiresAt: DataTypes.DATE,
      revokedAt: DataTypes.DATE,
      lastUsedAt: DataTypes.DATE,
      lastUsedInstanceId: DataTypes.STRING(64),
      lastUsedClient: DataTypes.STRING(200),
      lastUsedAddress: DataTypes.STRING(64),
      familyId: DataTypes.STRING(36),
      replacedById: DataTypes.STRING(36),
      retiresAt: DataTypes.DATE,
      retiresOnFirstUse: { type: DataTypes.BOOLEAN, defaultValue: false },
      endsGrace: { type: DataTypes.BOOLEAN, defaultValue: false },
      endReason: DataTypes.STRING(32),
      endNoted: { type: DataTypes.BOOLEAN, defaultValue: false },
      alarmAt: DataTypes.DATE,
      alarmInstanceId: DataTypes.STRING(64),
      alarmClient: DataTypes.STRING(200),
      issuedVia: { type: DataTypes.STRING(8), defaultValue: 'page' },
      issuedToId: DataTypes.STRING(512),
      issuedToName: DataTypes.STRING(100),
      parentId: DataTypes.STRING(36),
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
      inOneTeam: { type: DataTypes.BOOLEAN, defaultValue: false },
      widest: { type: DataTypes.BOOLEAN, defaultValue: false },
    },
    { tableName: 'pat_token_grants', underscored: true, timestamps: false },
  )

  const Approval = db.define<ApprovalRow>(
    'PatApproval',
    {
      tokenId: { type: DataTypes.STRING(36), primaryKey: true },
      teamId: { type: DataTypes.STRING(64), primaryKey: true },
      state: DataTypes.STRING(8),
      reason: DataTypes.STRING(1000),
      decidedBy: DataTypes.STRING(64),
      decidedAt: DataTypes.DATE,
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
    },
    { tableName: 'pat_approvals', underscored: true },
  )

  const Cut = db.define<CutRow>(
    'PatCut',
    {
      tokenId: { type: DataTypes.STRING(36), primaryKey: true },
      scopeType: { type: DataTypes.STRING(8), primaryKey: true },
      scopeId: { type: DataTypes.STRING(64), primaryKey: true },
      cutBy: DataTypes.STRING(64),
      createdAt: DataTypes.DATE,
    },
    { tableName: 'pat_cuts', underscored: true, updatedAt: false },
  )

  Token.hasMany(Grant, { as: 'grants', foreignKey: 'tokenId' })
  Token.hasMany(Approval, { as: 'approvals', foreignKey: 'tokenId' })
  Token.hasOne(Token, { as: 'predecessor', foreignKey: 'replacedById' })
  return { Token, Grant, Approval, Cut }
}
