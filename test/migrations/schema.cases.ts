import type { Sequelize } from 'sequelize'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { selectRows } from '../../forge/sql/rows.ts'
import { createTestDatabase, type Dialect, type TestDatabase } from '../support/database.ts'

/** The rules of the schema that the code relies on, as the database itself says them. */
export function schemaCases(dialect: Dialect): void {
  let database: TestDatabase
  beforeAll(async () => void (database = await createTestDatabase(dialect)))
  afterAll(() => database.cleanup())

  const read = dialect === 'sqlite' ? sqliteRules : postgresRules

  it('refers from table to table as listed here', async () => {
    expect((await read(database.db)).references.sort()).toEqual(REFERENCES)
  })

  it('has something once as listed here', async () => {
    expect((await read(database.db)).once.sort()).toEqual(
      dialect === 'sqlite' ? [...ONCE, 'pat_changes(id)'].sort() : ONCE,
    )
  })

  it('checks the columns that are listed here', async () => {
    expect((await read(database.db)).checked.sort()).toEqual(CHECKED)
  })
}

/**
 * The module’s tables refer to no person, team or instance: these may stand in another database. What
 * a token came of may be gone; it then counts as revoked.
 */
const REFERENCES = [
  'applications(team_id) -> teams(id) CASCADE',
  'instance_credentials(instance_id) -> instances(id) CASCADE',
  'instances(application_id) -> applications(id) CASCADE',
  'pat_approvals(token_id) -> pat_tokens(id) CASCADE',
  'pat_confirmations(token_id) -> pat_tokens(id) CASCADE',
  'pat_cuts(token_id) -> pat_tokens(id) CASCADE',
  'pat_expiry_warnings(token_id) -> pat_tokens(id) CASCADE',
  'pat_token_days(token_id) -> pat_tokens(id) CASCADE',
  'pat_token_grants(token_id) -> pat_tokens(id) CASCADE',
  'role_overrides(application_id,team_id) -> applications(id,team_id) CASCADE',
  'role_overrides(team_id,user_id) -> team_members(team_id,user_id) CASCADE',
  'scim_connections(provider_id) -> sso_providers(id) CASCADE',
  'scim_groups(provider_id) -> scim_connections(provider_id) CASCADE',
  'scim_members(group_id) -> scim_groups(id) CASCADE',
  'scim_members(scim_user_id) -> scim_users(id) CASCADE',
  'scim_users(provider_id) -> scim_connections(provider_id) CASCADE',
  'scim_users(user_id) -> users(id) CASCADE',
  'sessions(user_id) -> users(id) CASCADE',
  'sso_directory_checks(provider_id) -> sso_providers(id) CASCADE',
  'sso_domains(provider_id) -> sso_providers(id) CASCADE',
  'sso_identities(provider_id) -> sso_providers(id) CASCADE',
  'sso_identities(user_id) -> users(id) CASCADE',
  'sso_teams(provider_id) -> sso_providers(id) NO ACTION',
  'sso_teams(team_id) -> teams(id) CASCADE',
  'team_members(team_id) -> teams(id) CASCADE',
  'team_members(user_id) -> users(id) CASCADE',
]

/** Primary keys and unique rules; of an index on an expression its name. */
const ONCE = [
  'applications(id)',
  'applications(id,team_id)',
  'first_admin(slot)',
  'instance_credentials(instance_id)',
  'instance_credentials(secret_hash)',
  'instances(id)',
  'migrations(name)',
  'pat_approvals(token_id,team_id)',
  'pat_audit_checkpoints(number)',
  'pat_audit_entries(id)',
  'pat_audit_entries(sequence)',
  'pat_audit_streams(sink)',
  'pat_code_entries(subject)',
  'pat_confirmations(token_id,listener_id)',
  'pat_counts(key)',
  'pat_cuts(token_id,scope_type,scope_id)',
  'pat_device_codes(device_hash)',
  'pat_device_codes(id)',
  'pat_device_codes(user_hash)',
  'pat_expiry_warnings(token_id,expires_on,days_ahead)',
  'pat_leak_reports(id)',
  'pat_leases(name)',
  'pat_listeners(id)',
  'pat_notices(id)',
  'pat_notices(user_id,dedupe_key)',
  'pat_oauth_clients(id)',
  'pat_policies(team_id)',
  'pat_slips(token_id,instance_id,slip)',
  'pat_task_runs(task)',
  'pat_token_days(token_id,day)',
  'pat_token_grants(token_id,type,target_id)',
  'pat_tokens(id)',
  'pat_tokens(replaced_by_id)',
  'pat_tokens(selector)',
  'pat_tool_calls(id)',
  'pat_tool_calls(instance_id,call_id)',
  'pat_tool_rules(instance_id)',
  'pat_tool_sets(instance_id)',
  'pat_tools(instance_id,server_path,name)',
  'role_overrides(application_id,user_id)',
  'scim_connections(provider_id)',
  'scim_connections(secret_hash)',
  'scim_groups(id)',
  'scim_groups(provider_id,display_name_key)',
  'scim_members(group_id,scim_user_id)',
  'scim_users(id)',
  'scim_users(provider_id,user_id)',
  'scim_users(provider_id,user_name_key)',
  'sessions(id)',
  'sessions(sid_hash)',
  'sso_directory_checks(provider_id)',
  'sso_domains(domain)',
  'sso_identities(provider_id,issuer,subject)',
  'sso_identities(provider_id,user_id)',
  'sso_providers(id)',
  'sso_seen(digest)',
  'sso_teams(team_id)',
  'team_members(team_id,user_id)',
  'teams(id)',
  'teams(slug)',
  'users(id)',
  'users(users_email_unique)',
  'users(users_username_unique)',
]

/** Columns that take certain values only. */
const CHECKED = [
  'first_admin.slot',
  'pat_approvals.state',
  'pat_audit_entries.scope_type',
  'pat_counts.count',
  'pat_cuts.scope_type',
  'pat_device_codes.state',
  'pat_policies.max_lifetime_days',
  'pat_policies.max_role_level',
  'pat_policies.sso_freshness_days',
  'pat_token_grants.type',
  'pat_tokens.issued_via',
  'pat_tokens.role_level',
  'pat_tool_calls.outcome',
  'role_overrides.role_level',
  'sso_providers.source',
  'sso_providers.type',
  'team_members.role_level',
]

interface Rules {
  /** `table(columns) -> table(columns) action`. */
  references: string[]
  /** `table(columns)`: primary keys and unique rules. */
  once: string[]
  /** `table.column`. */
  checked: string[]
}

async function sqliteRules(db: Sequelize): Promise<Rules> {
  const rules: Rules = { references: [], once: [], checked: [] }
  const tables = await selectRows<{ name: string; sql: string }>(
    db,
    "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    [],
  )
  for (const { name, sql } of tables) {
    rules.references.push(...(await sqliteReferences(db, name)))
    rules.once.push(...(await sqliteOnce(db, name)))
    const columns = [...sql.matchAll(/(\w+) [A-Z]+(?:\(\d+\))?[^,()]*\sCHECK \(/g)].map(
      ([, column]) => `${name}.${column}`,
    )
    rules.checked.push(...columns)
  }
  return rules
}

async function sqliteReferences(db: Sequelize, table: string): Promise<string[]> {
  const rows = await selectRows<{ id: number; other: string; mine: string; theirs: string; action: string }>(
    db,
    `SELECT id, "table" AS other, "from" AS mine, "to" AS theirs, on_delete AS action
       FROM pragma_foreign_key_list('${table}') ORDER BY id, seq`,
    [],
  )
  return [...new Set(rows.map(({ id }) => id))].map((id) => {
    const parts = rows.filter((row) => row.id === id)
    const [mine, theirs] = [parts.map((part) => part.mine), parts.map((part) => part.theirs)]
    return `${table}(${mine.join()}) -> ${parts[0]?.other}(${theirs.join()}) ${parts[0]?.action}`
  })
}

async function sqliteOnce(db: Sequelize, table: string): Promise<string[]> {
  const keys = await selectRows<{ name: string }>(
    db,
    `SELECT name FROM pragma_table_info('${table}') WHERE pk > 0 ORDER BY pk`,
    [],
  )
  const indexes = await selectRows<{ name: string }>(
    db,
    `SELECT name FROM pragma_index_list('${table}') WHERE "unique" = 1 AND origin <> 'pk'`,
    [],
  )
  const once = [`${table}(${keys.map(({ name }) => name).join()})`]
  for (const { name } of indexes) {
    const columns = await selectRows<{ name: string | null }>(db, `SELECT name FROM pragma_index_info('${name}')`, [])
    once.push(`${table}(${columns.map((column) => column.name ?? name).join()})`)
  }
  return once
}

async function postgresRules(db: Sequelize): Promise<Rules> {
  const columns = (
    table: string,
    places: string,
  ) => `(SELECT string_agg(coalesce(a.attname, i.relname), ',' ORDER BY k.n)
       FROM unnest(${places}) WITH ORDINALITY AS k (place, n)
       LEFT JOIN pg_attribute a ON a.attrelid = ${table} AND a.attnum = k.place)`
  const constraints = await selectRows<{
    type: string
    one: string
    mine: string
    other: string
    theirs: string
    action: string
  }>(
    db,
    `SELECT c.contype AS type, i.relname AS one, ${columns('c.conrelid', 'c.conkey')} AS mine,
            o.relname AS other, ${columns('c.confrelid', 'c.confkey')} AS theirs, c.confdeltype AS action
       FROM pg_constraint c JOIN pg_class i ON i.oid = c.conrelid LEFT JOIN pg_class o ON o.oid = c.confrelid
      WHERE c.connamespace = 'public'::regnamespace`,
    [],
  )
  const indexes = await selectRows<{ one: string; mine: string }>(
    db,
    `SELECT t.relname AS one, ${columns('x.indrelid', 'x.indkey::int2[]')} AS mine
       FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
      WHERE x.indisunique AND t.relnamespace = 'public'::regnamespace`,
    [],
  )
  const actions: Record<string, string> = { a: 'NO ACTION', c: 'CASCADE', n: 'SET NULL', r: 'RESTRICT' }
  return {
    references: constraints
      .filter(({ type }) => type === 'f')
      .map(({ one, mine, other, theirs, action }) => `${one}(${mine}) -> ${other}(${theirs}) ${actions[action]}`),
    once: indexes.map(({ one, mine }) => `${one}(${mine})`),
    checked: constraints.filter(({ type }) => type === 'c').map(({ one, mine }) => `${one}.${mine}`),
  }
}
