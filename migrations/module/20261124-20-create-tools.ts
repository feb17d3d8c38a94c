import { columnTypes, runStatements, type Migration } from '../migration.ts'

/** The MCP tools that instances report, and what owners say of them. */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const { time } = columnTypes(queryInterface)

  await runStatements(queryInterface, [
    `CREATE TABLE pat_tool_sets (
      instance_id VARCHAR(64) PRIMARY KEY,
      hash VARCHAR(64) NOT NULL,
      seen_at ${time} NOT NULL
    )`,

    `CREATE TABLE pat_tools (
      instance_id VARCHAR(64) NOT NULL,
      server_path VARCHAR(200) NOT NULL,
      name VARCHAR(128) NOT NULL,
      server_name VARCHAR(200) NOT NULL,
      title TEXT,
      description TEXT,
      input_schema TEXT,
      annotations TEXT NOT NULL,
      first_seen_at ${time} NOT NULL,
      changed_at ${time},
      last_seen_at ${time},
      PRIMARY KEY (instance_id, server_path, name)
    )`,
    'CREATE INDEX pat_tools_gone ON pat_tools (last_seen_at) WHERE last_seen_at IS NOT NULL',

    `CREATE TABLE pat_tool_rules (
      instance_id VARCHAR(64) PRIMARY KEY,
      rules TEXT NOT NULL,
      updated_at ${time} NOT NULL
    )`,
  ])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, ['DROP TABLE pat_tool_rules', 'DROP TABLE pat_tools', 'DROP TABLE pat_tool_sets'])
}
