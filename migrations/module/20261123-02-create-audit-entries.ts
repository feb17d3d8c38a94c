import { DataTypes } from 'sequelize'

import type { Migration } from '../migration.ts'

/** Append-only: no code updates or deletes a row. */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  await queryInterface.createTable('pat_audit_entries', {
    id: { type: DataTypes.STRING(36), primaryKey: true },
    event: { type: DataTypes.STRING(64), allowNull: false },
    scope_type: { type: DataTypes.STRING(16), allowNull: false },
    scope_id: { type: DataTypes.STRING(64), allowNull: false },
    actor_id: { type: DataTypes.STRING(64), allowNull: true },
    session_id: { type: DataTypes.STRING(64), allowNull: true },
    token_id: { type: DataTypes.STRING(36), allowNull: true },
    request_id: { type: DataTypes.STRING(64), allowNull: true },
    address: { type: DataTypes.STRING(64), allowNull: true },
    body: { type: DataTypes.TEXT, allowNull: false },
    created_at: { type: DataTypes.DATE, allowNull: false },
  })
  await queryInterface.addIndex('pat_audit_entries', ['scope_type', 'scope_id', 'created_at'])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await queryInterface.dropTable('pat_audit_entries')
}
