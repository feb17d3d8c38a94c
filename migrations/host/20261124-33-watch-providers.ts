import type { Migration } from '../migration.ts'
import { unwatch, watch } from '../watch.ts'

/** What a provider is called and which groups it tells of counts for every team that is reached through it. */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  await watch(queryInterface, {
    table: 'sso_providers',
    concerns: { kind: 'all', column: 'id' },
    columns: ['id', 'name', 'settings'],
  })
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await unwatch(queryInterface, 'sso_providers')
}
