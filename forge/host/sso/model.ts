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

import type { ProviderType } from '../../contract/sso.ts'

export interface ProviderRow extends Model<InferAttributes<ProviderRow>, InferCreationAttributes<ProviderRow>> {
  id: CreationOptional<string>
  name: string
  type: ProviderType
  enabled: boolean
  /** Where it was configured; what comes from the file can't be changed on the page. */
  source: 'page' | 'file'
  /** JSON of `ProviderSettings`. */
  settings: string
  /** JSON of `ProviderSecrets`, encrypted. */
  sealedSecrets: string
  keyId: string
  /** JSON of `ProviderTest`. */
  lastTest: CreationOptional<string | null>
  createdAt: CreationOptional<Date>
  updatedAt: CreationOptional<Date>
}

export interface DomainRow extends Model<InferAttributes<DomainRow>, InferCreationAttributes<DomainRow>> {
  domain: string
  providerId: string
}

/** A team that is reached through a provider alone. */
export interface ProviderTeamRow extends Model<
  InferAttributes<ProviderTeamRow>,
  InferCreationAttributes<ProviderTeamRow>
> {
  teamId: string
  providerId: string
}

/** A person as one provider knows them. */
export interface IdentityRow extends Model<InferAttributes<IdentityRow>, InferCreationAttributes<IdentityRow>> {
  providerId: string
  userId: string
  issuer: string
  subject: string
  signedInAt: CreationOptional<Date | null>
  authTime: CreationOptional<Date | null>
  /** Methods of the last sign-in, separated by spaces (RFC 8176). */
  amr: CreationOptional<string | null>
  /** JSON list of group names. */
  groupsJson: CreationOptional<string>
  createdAt: CreationOptional<Date>
  updatedAt: CreationOptional<Date>
}

export interface SeenRow extends Model<InferAttributes<SeenRow>, InferCreationAttributes<SeenRow>> {
  digest: string
  expiresAt: Date
}

/** What the last look at the people of an LDAP provider said. */
export interface DirectoryCheckRow extends Model<
  InferAttributes<DirectoryCheckRow>,
  InferCreationAttributes<DirectoryCheckRow>
> {
  providerId: string
  checkedAt: Date
  /** JSON of `LdapCheck` without its time. */
  outcome: string
}

export interface SsoModels {
  Provider: ModelStatic<ProviderRow>
  Domain: ModelStatic<DomainRow>
  ProviderTeam: ModelStatic<ProviderTeamRow>
  Identity: ModelStatic<IdentityRow>
  Seen: ModelStatic<SeenRow>
  DirectoryCheck: ModelStatic<DirectoryCheckRow>
}

export function defineSsoModels(db: Sequelize): SsoModels {
  const times = { createdAt: DataTypes.DATE, updatedAt: DataTypes.DATE }
  const id = DataTypes.STRING(36)

  const Provider = db.define<ProviderRow>(
    'SsoProvider',
    {
      id: { type: id, primaryKey: true, defaultValue: () => randomUUID() },
      name: DataTypes.STRING(100),
      type: DataTypes.STRING(8),
      enabled: DataTypes.BOOLEAN,
      source: DataTypes.STRING(4),
      settings: DataTypes.TEXT,
      sealedSecrets: DataTypes.TEXT,
      keyId: DataTypes.CHAR(8),
      lastTest: DataTypes.TEXT,
      ...times,
    },
    { tableName: 'sso_providers', underscored: true },
  )
  const Domain = db.define<DomainRow>(
    'SsoDomain',
    { domain: { type: DataTypes.STRING(253), primaryKey: true }, providerId: id },
    { tableName: 'sso_domains', underscored: true, timestamps: false },
  )
  const ProviderTeam = db.define<ProviderTeamRow>(
    'SsoTeam',
    { teamId: { type: id, primaryKey: true }, providerId: id },
    { tableName: 'sso_teams', underscored: true, timestamps: false },
  )
  const Identity = db.define<IdentityRow>(
    'SsoIdentity',
    {
      providerId: { type: id, primaryKey: true },
      userId: { type: id, primaryKey: true },
      issuer: DataTypes.STRING(500),
      subject: DataTypes.STRING(255),
      signedInAt: DataTypes.DATE,
      authTime: DataTypes.DATE,
      amr: DataTypes.STRING(500),
      groupsJson: { type: DataTypes.TEXT, defaultValue: '[]' },
      ...times,
    },
    { tableName: 'sso_identities', underscored: true },
  )
  const Seen = db.define<SeenRow>(
    'SsoSeen',
    { digest: { type: DataTypes.CHAR(64), primaryKey: true }, expiresAt: DataTypes.DATE },
    { tableName: 'sso_seen', underscored: true, timestamps: false },
  )
  const DirectoryCheck = db.define<DirectoryCheckRow>(
    'SsoDirectoryCheck',
    { providerId: { type: id, primaryKey: true }, checkedAt: DataTypes.DATE, outcome: DataTypes.TEXT },
    { tableName: 'sso_directory_checks', underscored: true, timestamps: false },
  )
  return { Provider, Domain, ProviderTeam, Identity, Seen, DirectoryCheck }
}
