import { runStatements, type Migration } from '../migration.ts'

/** The log of calls: who called which tool with which token. It names things as they were called then. */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const postgres = queryInterface.sequelize.getDialect() === 'postgres'
  // Ids sort as bytes whatever the language of the database, so that they sort by time.
  const bytewise = postgres ? 'COLLATE "C"' : 'COLLATE BINARY'
  const milliseconds = postgres ? 'TIMESTAMP(3) WITH TIME ZONE' : 'DATETIME'

  await runStatements(queryInterface, [
    `CREATE TABLE pat_tool_calls (
      id VARCHAR(36) ${bytewise} PRIMARY KEY,
      call_id VARCHAR(36) NOT NULL,
      called_at ${milliseconds} NOT NULL,
      user_id VARCHAR(64) NOT NULL,
      username TEXT NOT NULL,
      token_id VARCHAR(36) NOT NULL,
      token_name TEXT NOT NULL,
      team_id VARCHAR(64) NOT NULL,
      instance_id VARCHAR(64) NOT NULL,
      instance_name TEXT NOT NULL,
      server VARCHAR(200) NOT NULL,
      tool VARCHAR(128) NOT NULL,
      outcome VARCHAR(10) NOT NULL CHECK (outcome IN ('ok', 'tool_error', 'refused')),
      reason VARCHAR(64),
      duration_ms INTEGER NOT NULL,
      client TEXT,
      address TEXT,
      request_id TEXT,
      arguments TEXT
    )`,
    // An instance chooses the ids of its calls, so none can keep out those of another.
    'CREATE UNIQUE INDEX pat_tool_calls_reported ON pat_tool_calls (instance_id, call_id)',
    'CREATE INDEX pat_tool_calls_token ON pat_tool_calls (token_id, id)',
    'CREATE INDEX pat_tool_calls_user ON pat_tool_calls (user_id, id)',
    'CREATE INDEX pat_tool_calls_team ON pat_tool_calls (team_id, id)',
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, ['DROP TABLE pat_tool_calls'])
}
