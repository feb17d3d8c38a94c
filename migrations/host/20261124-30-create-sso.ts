import { columnTypes, runStatements, type Migration } from '../migration.ts'

/** Identity providers, whom they vouch for, and what they manage. */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const { boolean, time } = columnTypes(queryInterface)

  await runStatements(queryInterface, [
    `CREATE TABLE sso_providers (
      id VARCHAR(36) PRIMARY KEY,
      name VARCHAR(100) NOT NULL,
      type VARCHAR(8) NOT NULL CHECK (type IN ('oidc', 'saml', 'ldap')),
      enabled ${boolean} NOT NULL,
      source VARCHAR(4) NOT NULL CHECK (source IN ('page', 'file')),
      settings TEXT NOT NULL,
      sealed_secrets TEXT NOT NULL,
      key_id CHAR(8) NOT NULL,
      last_test TEXT,
      created_at ${time} NOT NULL,
      updated_at ${time} NOT NULL
    )`,

    // One provider for a domain, and one for a team: nobody has to choose between two at the sign-in.
    `CREATE TABLE sso_domains (
      domain VARCHAR(253) PRIMARY KEY,
      provider_id VARCHAR(36) NOT NULL REFERENCES sso_providers (id) ON DELETE CASCADE
    )`,
    'CREATE INDEX sso_domains_provider_id ON sso_domains (provider_id)',

    // No cascade from the provider: a team must not turn into one that needs no sign-on by the way.
    `CREATE TABLE sso_teams (
      team_id VARCHAR(36) PRIMARY KEY REFERENCES teams (id) ON DELETE CASCADE,
      provider_id VARCHAR(36) NOT NULL REFERENCES sso_providers (id)
    )`,
    'CREATE INDEX sso_teams_provider_id ON sso_teams (provider_id)',

    // Issuer and subject are the link.
    `CREATE TABLE sso_identities (
      provider_id VARCHAR(36) NOT NULL REFERENCES sso_providers (id) ON DELETE CASCADE,
      user_id VARCHAR(36) NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      issuer VARCHAR(500) NOT NULL,
      subject VARCHAR(255) NOT NULL,
      signed_in_at ${time},
      auth_time ${time},
      amr VARCHAR(500),
      groups_json TEXT NOT NULL,
      created_at ${time} NOT NULL,
      updated_at ${time} NOT NULL,
      PRIMARY KEY (provider_id, user_id),
      UNIQUE (provider_id, issuer, subject)
    )`,
    'CREATE INDEX sso_identities_user_id ON sso_identities (user_id)',

    // Messages that count once, by a digest of what names them.
    `CREATE TABLE sso_seen (
      digest CHAR(64) PRIMARY KEY,
      expires_at ${time} NOT NULL
    )`,
    'CREATE INDEX sso_seen_expires_at ON sso_seen (expires_at)',

    // References would keep SQLite from dropping these columns again; the code that deletes a provider clears them.
    'ALTER TABLE sessions ADD COLUMN provider_id VARCHAR(36)',
    `ALTER TABLE sessions ADD COLUMN authenticated_at ${time}`,
    'ALTER TABLE sessions ADD COLUMN provider_sid VARCHAR(255)',
    'ALTER TABLE sessions ADD COLUMN sealed_logout TEXT',
    'ALTER TABLE team_members ADD COLUMN managed_by VARCHAR(36)',
    'ALTER TABLE role_overrides ADD COLUMN managed_by VARCHAR(36)',
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, [
    'ALTER TABLE role_overrides DROP COLUMN managed_by',
    'ALTER TABLE team_members DROP COLUMN managed_by',
    'ALTER TABLE sessions DROP COLUMN sealed_logout',
    'ALTER TABLE sessions DROP COLUMN provider_sid',
    'ALTER TABLE sessions DROP COLUMN authenticated_at',
    'ALTER TABLE sessions DROP COLUMN provider_id',
    'DROP TABLE sso_seen',
    'DROP TABLE sso_identities',
    'DROP TABLE sso_teams',
    'DROP TABLE sso_domains',
    'DROP TABLE sso_providers',
  ])
}
