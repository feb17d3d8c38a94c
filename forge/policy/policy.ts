import {
  DataTypes,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Model,
  type ModelStatic,
  type Sequelize,
  type Transaction,
} from 'sequelize'

import { DEFAULT_POLICY, type TokenPolicy } from '../contract/policy.ts'
import { knownRole, ROLE_LEVELS } from '../contract/role.ts'
import type { RawBoolean } from '../sql/rows.ts'
import type { GrantType } from '../contract/grant.ts'

interface PolicyRow extends Model<InferAttributes<PolicyRow>, InferCreationAttributes<PolicyRow>> {
  teamId: string
  enabled: boolean
  maxLifetimeDays: number
  allowNoExpiry: boolean
  maxRoleLevel: number
  readOnlyOnly: boolean
  grantTypes: string
  productionNeedsApproval: boolean
  ssoFreshnessDays: number | null
  mcpOnly: boolean
  createdAt: CreationOptional<Date>
  updatedAt: CreationOptional<Date>
}

export interface Policies {
  /** The policy of each team that is asked for; the default where its owners have set none. */
  load(teamIds: readonly string[], transaction?: Transaction): Promise<Map<string, TokenPolicy>>
  save(teamId: string, policy: TokenPolicy, transaction: Transaction): Promise<void>
}

export function createPolicies(db: Sequelize): Policies {
  const Policy: ModelStatic<PolicyRow> = db.define<PolicyRow>(
    'PatPolicy',
    {
      teamId: { type: DataTypes.STRING(64), primaryKey: true },
      enabled: DataTypes.BOOLEAN,
      maxLifetimeDays: DataTypes.INTEGER,
      allowNoExpiry: DataTypes.BOOLEAN,
      maxRoleLevel: DataTypes.INTEGER,
      readOnlyOnly: DataTypes.BOOLEAN,
      grantTypes: DataTypes.STRING(40),
      productionNeedsApproval: DataTypes.BOOLEAN,
      ssoFreshnessDays: DataTypes.INTEGER,
      mcpOnly: DataTypes.BOOLEAN,
      createdAt: DataTypes.DATE,
      updatedAt: DataTypes.DATE,
    },
    { tableName: 'pat_policies', underscored: true },
  )

  return {
    async load(teamIds, transaction) {
      const rows = await Policy.findAll({ where: { teamId: [...teamIds] }, transaction: transaction ?? null })
      const saved = new Map(rows.map((row) => [row.teamId, policyOf(row)]))
      return new Map(teamIds.map((id) => [id, saved.get(id) ?? DEFAULT_POLICY]))
    },

    async save(teamId, { maxRole, grantTypes, ...rest }, transaction) {
      const row = { ...rest, teamId, maxRoleLevel: ROLE_LEVELS[maxRole], grantTypes: grantTypes.join(' ') }
      await Policy.upsert(row, { transaction })
    },
  }
}

/** A row of `pat_policies`, read by a model or by a raw statement. */
export interface StoredPolicy {
  enabled: RawBoolean
  maxLifetimeDays: number
  allowNoExpiry: RawBoolean
  maxRoleLevel: number
  readOnlyOnly: RawBoolean
  grantTypes: string
  productionNeedsApproval: RawBoolean
  ssoFreshnessDays: number | null
  mcpOnly: RawBoolean
}

/** @throws {TypeError} when the row holds a role level that there is not */
export function policyOf(row: StoredPolicy): TokenPolicy {
  return {
    enabled: Boolean(row.enabled),
    maxLifetimeDays: row.maxLifetimeDays,
    allowNoExpiry: Boolean(row.allowNoExpiry),
    maxRole: knownRole(row.maxRoleLevel),
    readOnlyOnly: Boolean(row.readOnlyOnly),
    grantTypes: row.grantTypes.split(' ') as GrantType[],
    productionNeedsApproval: Boolean(row.productionNeedsApproval),
    ssoFreshnessDays: row.ssoFreshnessDays,
    mcpOnly: Boolean(row.mcpOnly),
  }
}
