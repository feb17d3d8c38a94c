import type { Migration } from '../migration.ts'
import { unwatch, watch } from '../watch.ts'

/** The host's part of a decision's facts. It runs after the module's tables: those have what the triggers tell. */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  await watch(
    queryInterface,
    {
      table: 'users',
      concerns: { kind: 'user', column: 'id' },
      columns: ['id', 'username', 'name', 'email', 'suspended'],
    },
    {
      table: 'team_members',
      concerns: { kind: 'user', column: 'user_id' },
      columns: ['team_id', 'user_id', 'role_level'],
    },
    {
      table: 'role_overrides',
      concerns: { kind: 'user', column: 'user_id' },
      columns: ['application_id', 'user_id', 'team_id', 'role_level'],
    },
    {
      table: 'teams',
      concerns: { kind: 'team', column: 'id' },
      columns: ['id', 'name', 'slug', 'suspended'],
    },
    {
      table: 'applications',
      concerns: { kind: 'team', column: 'team_id' },
      columns: ['id', 'team_id'],
    },
    {
      table: 'instances',
      concerns: { kind: 'instance', column: 'id' },
      columns: ['id', 'application_id', 'name', 'url', 'production'],
    },
    {
      table: 'instance_credentials',
      concerns: { kind: 'instance', column: 'instance_id' },
      columns: ['instance_id', 'secret_hash'],
    },
  )
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await unwatch(
    queryInterface,
    ...['instance_credentials', 'instances', 'applications', 'teams', 'role_overrides', 'team_members', 'users'],
  )
}
