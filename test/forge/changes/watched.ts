import type { Sequelize } from 'sequelize'

const NOW = '2026-11-24 08:00:00.000 +00:00'
const LATER = "'2026-11-24 09:00:00.000 +00:00'"
const TRUE = 'true'

type Row = Record<string, string | number>

const times = { created_at: NOW, updated_at: NOW }
const token = {
  ...{ id: 'token', selector: 'selector0001', secret_hash: 'hash', prefilter: 'prefix00', key_id: 'key00000' },
  ...{ user_id: 'user', name: 'T', description: '', role_level: 30, read_only: 'false', family_id: 'token', ...times },
}
const policy = {
  ...{ team_id: 'team', enabled: TRUE, max_lifetime_days: 90, allow_no_expiry: 'false', max_role_level: 50 },
  ...{
    read_only_only: 'false',
    grant_types: 'instance',
    production_needs_approval: 'false',
    mcp_only: 'false',
    ...times,
  },
}

/** A row of every table that decisions look at, and a second one that nothing refers to, in the order of their making. */
const ROWS: [table: string, row: Row][] = [
  ['users', { id: 'user', username: 'u', name: 'U', email: 'u@example.com', password_hash: 'x', ...times }],
  ['users', { id: 'user2', username: 'u2', name: 'U', email: 'u2@example.com', password_hash: 'x', ...times }],
  ['teams', { id: 'team', name: 'T', slug: 't', ...times }],
  ['teams', { id: 'team2', name: 'T', slug: 't2', ...times }],
  ['team_members', { team_id: 'team', user_id: 'user', role_level: 30, ...times }],
  ['team_members', { team_id: 'team', user_id: 'user2', role_level: 30, ...times }],
  ['applications', { id: 'app', team_id: 'team', name: 'A', ...times }],
  ['applications', { id: 'app2', team_id: 'team', name: 'A', ...times }],
  ['role_overrides', { application_id: 'app', user_id: 'user', team_id: 'team', role_level: 10, ...times }],
  ['instances', { id: 'instance', application_id: 'app', name: 'I', url: 'https://i.example', ...times }],
  ['instances', { id: 'instance2', application_id: 'app', name: 'I', url: 'https://i.example', ...times }],
  ['instance_credentials', { instance_id: 'instance', secret_hash: 'a'.repeat(64), created_at: NOW }],
  ...['one', 'two'].map((id): [string, Row] => [
    'sso_providers',
    {
      id,
      name: 'P',
      type: 'oidc',
      enabled: 'false',
      source: 'page',
      settings: '{}',
      sealed_secrets: '',
      key_id: 'k',
      ...times,
    },
  ]),
  ['sso_teams', { team_id: 'team', provider_id: 'one' }],
  [
    'sso_identities',
    { provider_id: 'one', user_id: 'user', issuer: 'https://i', subject: 's', groups_json: '[]', ...times },
  ],
  ['pat_tokens', token],
  ['pat_tokens', { ...token, id: 'token2', selector: 'selector0002' }],
  ['pat_token_grants', { token_id: 'token', type: 'instance', target_id: 'instance' }],
  ['pat_approvals', { token_id: 'token', team_id: 'team', state: 'pending', reason: 'because', ...times }],
  ['pat_cuts', { token_id: 'token', scope_type: 'team', scope_id: 'team', cut_by: 'someone', created_at: NOW }],
  ['pat_policies', policy],
  ['pat_tool_rules', { instance_id: 'instance', rules: '[]', updated_at: NOW }],
]

/** Puts every row back to what it was, and makes those that are gone. */
export async function fill(db: Sequelize): Promise<void> {
  for (const [table] of ROWS.toReversed()) await db.query(`DELETE FROM ${table}`)
  for (const [table, row] of ROWS) {
    const values = Object.values(row).map((value) => (value === TRUE || value === 'false' ? value : `'${value}'`))
    await db.query(`INSERT INTO ${table} (${Object.keys(row).join()}) VALUES (${values.join()})`)
  }
}

/** A column, another value for it, and what is told when that is neither the table's rule nor nothing. */
type Column = [column: string, value: string, told?: { row: string; tells: string[] }]

interface Watched {
  table: string
  row: string
  tells: string[]
  columns: Column[]
  /** Columns that no decision looks at. */
  silent: Column[]
}

const TIMES: Column[] = [
  ['created_at', LATER],
  ['updated_at', LATER],
]

/** Every table and column that a decision looks at, and every other column of those tables. */
export const WATCHED: Watched[] = [
  {
    table: 'users',
    row: "id = 'user'",
    tells: ['user user'],
    columns: [
      ['username', "'other'"],
      ['name', "'Other'"],
      ['email', "'other@example.com'"],
      ['suspended', TRUE],
    ],
    silent: [['password_hash', "'y'"], ['admin', TRUE], ['suspended_by', "'okta'"], ...TIMES],
  },
  {
    table: 'team_members',
    row: "user_id = 'user2'",
    tells: ['user user2'],
    columns: [
      ['team_id', "'team2'"],
      ['role_level', '50'],
    ],
    silent: [['managed_by', "'one'"], ...TIMES],
  },
  {
    table: 'role_overrides',
    row: "user_id = 'user'",
    tells: ['user user'],
    columns: [
      ['application_id', "'app2'"],
      ['user_id', "'user2'", { row: "user_id = 'user'", tells: ['user user', 'user user2'] }],
      ['role_level', '0'],
    ],
    silent: [['managed_by', "'one'"], ...TIMES],
  },
  {
    table: 'sso_teams',
    row: "team_id = 'team'",
    tells: ['team team'],
    columns: [
      ['team_id', "'team2'", { row: "team_id = 'team'", tells: ['team team', 'team team2'] }],
      ['provider_id', "'two'"],
    ],
    silent: [],
  },
  {
    table: 'sso_identities',
    row: "user_id = 'user'",
    tells: ['user user'],
    columns: [
      ['provider_id', "'two'"],
      ['user_id', "'user2'", { row: "user_id = 'user'", tells: ['user user', 'user user2'] }],
      ['signed_in_at', LATER],
      ['auth_time', LATER],
      ['amr', "'pwd'"],
      ['groups_json', "'[1]'"],
    ],
    silent: [['issuer', "'https://j'"], ['subject', "'t'"], ...TIMES],
  },
  {
    table: 'teams',
    row: "id = 'team'",
    tells: ['team team'],
    columns: [
      ['id', "'other'", { row: "id = 'team2'", tells: ['team team2', 'team other'] }],
      ['name', "'Other'"],
      ['slug', "'other'"],
      ['suspended', TRUE],
    ],
    silent: TIMES,
  },
  {
    table: 'applications',
    row: "id = 'app2'",
    tells: ['team team'],
    columns: [
      ['id', "'other'"],
      ['team_id', "'team2'", { row: "id = 'app2'", tells: ['team team', 'team team2'] }],
    ],
    silent: [['name', "'Other'"], ...TIMES],
  },
  {
    table: 'instances',
    row: "id = 'instance2'",
    tells: ['instance instance2'],
    columns: [
      ['id', "'other'", { row: "id = 'instance2'", tells: ['instance instance2', 'instance other'] }],
      ['application_id', "'app2'"],
      ['name', "'Other'"],
      ['url', "'https://other.example'"],
      ['production', TRUE],
    ],
    silent: TIMES,
  },
  {
    table: 'instance_credentials',
    row: "instance_id = 'instance'",
    tells: ['instance instance'],
    columns: [
      [
        'instance_id',
        "'instance2'",
        { row: "instance_id = 'instance'", tells: ['instance instance', 'instance instance2'] },
      ],
      ['secret_hash', `'${'b'.repeat(64)}'`],
    ],
    silent: [
      ['key_id', "'another0'"],
      ['created_at', LATER],
      ['last_used_at', LATER],
    ],
  },
  {
    table: 'pat_tokens',
    row: "id = 'token'",
    tells: ['token token'],
    columns: [
      ['id', "'other'", { row: "id = 'token2'", tells: ['token token2', 'token other'] }],
      ['selector', "'selector0003'"],
      ['secret_hash', "'other'"],
      ['prefilter', "'prefix01'"],
      ['key_id', "'key00001'"],
      ['user_id', "'user2'"],
      ['name', "'Other'"],
      ['role_level', '50'],
      ['read_only', TRUE],
      ['tools', "'[]'"],
      ['created_at', LATER],
      ['expires_at', LATER],
      ['revoked_at', LATER],
      ['retires_at', LATER],
      ['end_noted', TRUE],
      ['family_id', "'other'"],
      ['ends_grace', TRUE],
      ['issued_via', "'device'"],
      ['issued_to_id', "'client'"],
      ['parent_id', "'token2'"],
    ],
    silent: [
      ['description', "'Other'"],
      ['issued_to_name', "'Client'"],
      ['updated_at', LATER],
      ['last_used_at', LATER],
      ['last_used_instance_id', "'instance'"],
      ['last_used_client', "'client'"],
      ['last_used_address', "'::1'"],
      ['replaced_by_id', "'token2'"],
      ['retires_on_first_use', TRUE],
      ['end_reason', "'revoked'"],
      ['team_id', "'team2'"],
      ['widest_grant', "'team team2'"],
      ['alarm_at', LATER],
      ['alarm_instance_id', "'instance'"],
      ['alarm_client', "'client'"],
    ],
  },
  {
    table: 'pat_token_grants',
    row: "token_id = 'token'",
    tells: ['token token instance instance'],
    columns: [
      [
        'token_id',
        "'token2'",
        { row: "token_id = 'token'", tells: ['token token instance instance', 'token token2 instance instance'] },
      ],
      [
        'type',
        "'team'",
        { row: "token_id = 'token'", tells: ['token token instance instance', 'token token team instance'] },
      ],
      [
        'target_id',
        "'instance2'",
        { row: "token_id = 'token'", tells: ['token token instance instance', 'token token instance instance2'] },
      ],
    ],
    silent: [
      ['in_one_team', TRUE],
      ['widest', TRUE],
    ],
  },
  {
    table: 'pat_approvals',
    row: "token_id = 'token'",
    tells: ['token token'],
    columns: [
      ['token_id', "'token2'", { row: "token_id = 'token'", tells: ['token token', 'token token2'] }],
      ['team_id', "'team2'"],
      ['state', "'approved'"],
    ],
    silent: [['reason', "'other'"], ['decided_by', "'someone'"], ['decided_at', LATER], ...TIMES],
  },
  {
    table: 'pat_cuts',
    row: "token_id = 'token'",
    tells: ['token token team team'],
    columns: [
      [
        'token_id',
        "'token2'",
        { row: "token_id = 'token'", tells: ['token token team team', 'token token2 team team'] },
      ],
      [
        'scope_type',
        "'instance'",
        { row: "token_id = 'token'", tells: ['token token team team', 'token token instance team'] },
      ],
      [
        'scope_id',
        "'team2'",
        { row: "token_id = 'token'", tells: ['token token team team', 'token token team team2'] },
      ],
    ],
    silent: [
      ['cut_by', "'other'"],
      ['created_at', LATER],
    ],
  },
  {
    table: 'pat_policies',
    row: "team_id = 'team'",
    tells: ['team team'],
    columns: [
      ['team_id', "'team2'", { row: "team_id = 'team'", tells: ['team team', 'team team2'] }],
      ['enabled', 'false'],
      ['max_lifetime_days', '30'],
      ['allow_no_expiry', TRUE],
      ['max_role_level', '10'],
      ['read_only_only', TRUE],
      ['grant_types', "'team'"],
      ['production_needs_approval', TRUE],
      ['sso_freshness_days', '7'],
      ['mcp_only', TRUE],
    ],
    silent: TIMES,
  },
  {
    table: 'pat_tool_rules',
    row: "instance_id = 'instance'",
    tells: ['rules instance'],
    columns: [
      ['instance_id', "'instance2'", { row: "instance_id = 'instance'", tells: ['rules instance', 'rules instance2'] }],
      ['rules', "'[{}]'"],
    ],
    silent: [['updated_at', LATER]],
  },
]

/** Keys that can't be changed alone, since other rows refer to them or the compound key would break. */
export const FIXED: Record<string, string[]> = {
  users: ['id'],
  team_members: ['user_id'],
  role_overrides: ['team_id'],
}
