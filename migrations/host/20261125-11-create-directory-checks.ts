import { columnTypes, runStatements, type Migration } from '../migration.ts'

/** What the last look at the people of an LDAP directory said, and when the next one is due. */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const { time } = columnTypes(queryInterface)

  await runStatements(queryInterface, [
    `CREATE TABLE sso_directory_checks (
      provider_id VARCHAR(36) PRIMARY KEY REFERENCES sso_providers (id) ON DELETE CASCADE,
      checked_at ${time} NOT NULL,
      outcome TEXT NOT NULL
    )`,
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, ['DROP TABLE sso_directory_checks'])
}
