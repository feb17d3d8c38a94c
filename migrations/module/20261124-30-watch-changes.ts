import { columnTypes, runStatements, type Migration } from '../migration.ts'
import { isSqlite, unwatch, watch } from '../watch.ts'

/** What changes of a decision's facts leave behind, so that every forge drops what it holds of them. */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const { time } = columnTypes(queryInterface)

  // AUTOINCREMENT: no number is given out twice, so that a gap tells a reader that it has missed something.
  const sqlite = `CREATE TABLE pat_changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind VARCHAR(8) NOT NULL,
    subject VARCHAR(150) NOT NULL,
    changed_at ${time} NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f +00:00', 'now'))
  )`
  // Arguments: the kind, then columns. PostgreSQL sends equal payloads of one transaction once.
  const postgres = `CREATE FUNCTION pat_tell_change() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      images jsonb[] := '{}';
      image jsonb;
      said text;
    BEGIN
      IF TG_OP = 'TRUNCATE' THEN
        PERFORM pg_notify('pat_changes', 'all');
        RETURN NULL;
      END IF;
      IF TG_OP <> 'DELETE' THEN images := images || to_jsonb(NEW); END IF;
      IF TG_OP <> 'INSERT' THEN images := images || to_jsonb(OLD); END IF;
      FOREACH image IN ARRAY images LOOP
        said := TG_ARGV[0];
        FOR n IN 1 .. TG_NARGS - 1 LOOP
          said := said || ' ' || (image ->> TG_ARGV[n]);
        END LOOP;
        PERFORM pg_notify('pat_changes', said);
      END LOOP;
      RETURN NULL;
    END $$`
  await runStatements(queryInterface, [isSqlite(queryInterface) ? sqlite : postgres])

  const token = { kind: 'token', column: 'token_id' } as const
  await watch(
    queryInterface,
    {
      table: 'pat_tokens',
      concerns: { kind: 'token', column: 'id' },
      columns: [
        ...['id', 'selector', 'secret_hash', 'prefilter', 'key_id', 'user_id', 'name', 'role_level', 'read_only'],
        ...['created_at', 'expires_at', 'revoked_at', 'retires_at', 'family_id', 'ends_grace'],
        ...['issued_via', 'issued_to_id', 'parent_id'],
      ],
    },
    {
      table: 'pat_token_grants',
      concerns: { ...token, place: { type: 'type', column: 'target_id' } },
      columns: ['token_id', 'type', 'target_id'],
    },
    { table: 'pat_approvals', concerns: token, columns: ['token_id', 'team_id', 'state'] },
    {
      table: 'pat_cuts',
      concerns: { ...token, place: { type: 'scope_type', column: 'scope_id' } },
      columns: ['token_id', 'scope_type', 'scope_id'],
    },
    {
      table: 'pat_policies',
      concerns: { kind: 'team', column: 'team_id' },
      columns: [
        ...['team_id', 'enabled', 'max_lifetime_days', 'allow_no_expiry', 'max_role_level', 'read_only_only'],
        ...['grant_types', 'production_needs_approval', 'sso_freshness_days', 'mcp_only'],
      ],
    },
    { table: 'pat_tool_rules', concerns: { kind: 'rules', column: 'instance_id' }, columns: ['instance_id', 'rules'] },
  )
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await unwatch(
    queryInterface,
    'pat_tool_rules',
    'pat_policies',
    'pat_cuts',
    'pat_approvals',
    'pat_token_grants',
    'pat_tokens',
  )
  await runStatements(queryInterface, [
    isSqlite(queryInterface) ? 'DROP TABLE pat_changes' : 'DROP FUNCTION pat_tell_change()',
  ])
}
