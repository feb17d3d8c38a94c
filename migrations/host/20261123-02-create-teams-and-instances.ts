import { columnTypes, runStatements, type Migration } from '../migration.ts'

export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const { boolean, time } = columnTypes(queryInterface)

  await runStatements(queryInterface, [
    `CREATE TABLE teams (
      id VARCHAR(36) PRIMARY KEY,
      name VARCHAR(100) NOT NULL,
      slug VARCHAR(40) NOT NULL UNIQUE,
      suspended ${boolean} NOT NULL DEFAULT false,
      created_at ${time} NOT NULL,
      updated_at ${time} NOT NULL
    )`,

    `CREATE TABLE team_members (
      team_id VARCHAR(36) NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
      user_id VARCHAR(36) NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      role_level INTEGER NOT NULL CHECK (role_level IN (5, 10, 30, 50)),
      created_at ${time} NOT NULL,
      updated_at ${time} NOT NULL,
      PRIMARY KEY (team_id, user_id)
    )`,
    'CREATE INDEX team_members_user_id ON team_members (user_id)',

    `CREATE TABLE applications (
      id VARCHAR(36) PRIMARY KEY,
      team_id VARCHAR(36) NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
      name VARCHAR(100) NOT NULL,
      created_at ${time} NOT NULL,
      updated_at ${time} NOT NULL,
      UNIQUE (id, team_id)
    )`,
    'CREATE INDEX applications_team_id ON applications (team_id)',

    // The two compound keys make an override of another team's application impossible, and end it with the membership.
    `CREATE TABLE role_overrides (
      application_id VARCHAR(36) NOT NULL,
      user_id VARCHAR(36) NOT NULL,
      team_id VARCHAR(36) NOT NULL,
      role_level INTEGER NOT NULL CHECK (role_level IN (0, 5, 10, 30, 50)),
      created_at ${time} NOT NULL,
      updated_at ${time} NOT NULL,
      PRIMARY KEY (application_id, user_id),
      FOREIGN KEY (application_id, team_id) REFERENCES applications (id, team_id) ON DELETE CASCADE,
      FOREIGN KEY (team_id, user_id) REFERENCES team_members (team_id, user_id) ON DELETE CASCADE
    )`,
    'CREATE INDEX role_overrides_member ON role_overrides (team_id, user_id)',

    `CREATE TABLE instances (
      id VARCHAR(36) PRIMARY KEY,
      application_id VARCHAR(36) NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
      name VARCHAR(100) NOT NULL,
      url VARCHAR(500) NOT NULL,
      created_at ${time} NOT NULL,
      updated_at ${time} NOT NULL
    )`,
    'CREATE INDEX instances_application_id ON instances (application_id)',

    // One row per instance: issuing a new credential overwrites the one before.
    `CREATE TABLE instance_credentials (
      instance_id VARCHAR(36) PRIMARY KEY REFERENCES instances (id) ON DELETE CASCADE,
      secret_hash CHAR(64) NOT NULL UNIQUE,
      created_at ${time} NOT NULL,
      last_used_at ${time}
    )`,
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, [
    'DROP TABLE instance_credentials',
    'DROP TABLE instances',
    'DROP TABLE role_overrides',
    'DROP TABLE applications',
    'DROP TABLE team_members',
    'DROP TABLE teams',
  ])
}
