import { columnTypes, runStatements, type Migration } from '../migration.ts'

export const up: Migration['up'] = async ({ context: queryInterface }) => {
  const { boolean } = columnTypes(queryInterface)
  await runStatements(queryInterface, [`ALTER TABLE instances ADD COLUMN production ${boolean} NOT NULL DEFAULT false`])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await runStatements(queryInterface, ['ALTER TABLE instances DROP COLUMN production'])
}
