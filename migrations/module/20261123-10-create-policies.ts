import { columnTypes, runStatements, type Migration } from '../migration.ts'

/** What teams say of tokens: their policy, their approvals, and the tokens that an owner has ended here. */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const { boolean, time } = columnTypes(queryInterface)

  await runStatements(queryInterface, [
    `CREATE TABLE pat_policies (
      team_id VARCHAR(64) PRIMARY KEY,
      enabled ${boolean} NOT NULL,
      max_lifetime_days INTEGER NOT NULL CHECK (max_lifetime_days BETWEEN 1 AND 366),
      allow_no_expiry ${boolean} NOT NULL,
      max_role_level INTEGER NOT NULL CHECK (max_role_level IN (5, 10, 30, 50)),
      read_only_only ${boolean} NOT NULL,
      grant_types VARCHAR(40) NOT NULL,
      production_needs_approval ${boolean} NOT NULL,
      sso_freshness_days INTEGER CHECK (sso_freshness_days BETWEEN 1 AND 366),
      mcp_only ${boolean} NOT NULL,
      created_at ${time} NOT NULL,
      updated_at ${time} NOT NULL
    )`,

    `CREATE TABLE pat_approvals (
      token_id VARCHAR(36) NOT NULL REFERENCES pat_tokens (id) ON DELETE CASCADE,
      team_id VARCHAR(64) NOT NULL,
      state VARCHAR(8) NOT NULL CHECK (state IN ('pending', 'approved', 'denied')),
      reason VARCHAR(1000) NOT NULL,
      decided_by VARCHAR(64),
      decided_at ${time},
      created_at ${time} NOT NULL,
      updated_at ${time} NOT NULL,
      PRIMARY KEY (token_id, team_id)
    )`,
    'CREATE INDEX pat_approvals_team ON pat_approvals (team_id, state, created_at)',

    `CREATE TABLE pat_cuts (
      token_id VARCHAR(36) NOT NULL REFERENCES pat_tokens (id) ON DELETE CASCADE,
      scope_type VARCHAR(8) NOT NULL CHECK (scope_type IN ('team', 'instance')),
      scope_id VARCHAR(64) NOT NULL,
      cut_by VARCHAR(64) NOT NULL,
      created_at ${time} NOT NULL,
      PRIMARY KEY (token_id, scope_type, scope_id)
    )`,
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, ['DROP TABLE pat_cuts', 'DROP TABLE pat_approvals', 'DROP TABLE pat_policies'])
}
