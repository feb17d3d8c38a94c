import { columnTypes, runStatements, type Migration } from '../migration.ts'

/** What providers tell by SCIM: people, groups, who is in which; and whom a provider has suspended. */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const { boolean, time } = columnTypes(queryInterface)

  await runStatements(queryInterface, [
    // Its row is what writers of one provider wait for, so that they take turns.
    `CREATE TABLE scim_connections (
      provider_id VARCHAR(36) PRIMARY KEY REFERENCES sso_providers (id) ON DELETE CASCADE,
      secret_hash CHAR(64) NOT NULL UNIQUE,
      key_id CHAR(8) NOT NULL,
      tells_groups ${boolean} NOT NULL,
      created_at ${time} NOT NULL,
      last_used_at ${time}
    )`,

    `CREATE TABLE scim_users (
      id VARCHAR(36) PRIMARY KEY,
      provider_id VARCHAR(36) NOT NULL REFERENCES scim_connections (provider_id) ON DELETE CASCADE,
      user_id VARCHAR(36) NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      user_name VARCHAR(255) NOT NULL,
      user_name_key VARCHAR(255) NOT NULL,
      external_id VARCHAR(255),
      active ${boolean} NOT NULL,
      attributes TEXT NOT NULL,
      version INTEGER NOT NULL,
      created_at ${time} NOT NULL,
      updated_at ${time} NOT NULL,
      UNIQUE (provider_id, user_name_key),
      UNIQUE (provider_id, user_id)
    )`,
    'CREATE INDEX scim_users_user_id ON scim_users (user_id)',
    'CREATE INDEX scim_users_external_id ON scim_users (provider_id, external_id)',

    `CREATE TABLE scim_groups (
      id VARCHAR(36) PRIMARY KEY,
      provider_id VARCHAR(36) NOT NULL REFERENCES scim_connections (provider_id) ON DELETE CASCADE,
      display_name VARCHAR(255) NOT NULL,
      display_name_key VARCHAR(255) NOT NULL,
      external_id VARCHAR(255),
      version INTEGER NOT NULL,
      created_at ${time} NOT NULL,
      updated_at ${time} NOT NULL,
      UNIQUE (provider_id, display_name_key)
    )`,
    'CREATE INDEX scim_groups_external_id ON scim_groups (provider_id, external_id)',

    `CREATE TABLE scim_members (
      group_id VARCHAR(36) NOT NULL REFERENCES scim_groups (id) ON DELETE CASCADE,
      scim_user_id VARCHAR(36) NOT NULL REFERENCES scim_users (id) ON DELETE CASCADE,
      PRIMARY KEY (group_id, scim_user_id)
    )`,
    'CREATE INDEX scim_members_scim_user_id ON scim_members (scim_user_id)',

    // Without a reference, as the other columns that name a provider.
    'ALTER TABLE users ADD COLUMN suspended_by VARCHAR(36)',
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, [
    'ALTER TABLE users DROP COLUMN suspended_by',
    'DROP TABLE scim_members',
    'DROP TABLE scim_groups',
    'DROP TABLE scim_users',
    'DROP TABLE scim_connections',
  ])
}
