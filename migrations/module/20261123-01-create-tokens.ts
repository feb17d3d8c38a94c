import { DataTypes } from 'sequelize'

import type { Migration } from '../migration.ts'

/**
 * Users, teams and instances are the host's: their ids are plain text here, without foreign keys, because the module
 * may stand in a database of its own.
 */
export const up: Migration['up'] = async ({ context: queryInterface }) => {
  await queryInterface.createTable('pat_tokens', {
    id: { type: DataTypes.STRING(36), primaryKey: true },
    selector: { type: DataTypes.STRING(12), allowNull: false, unique: true },
    secret_hash: { type: DataTypes.STRING(255), allowNull: false },
    prefilter: { type: DataTypes.STRING(8), allowNull: false },
    key_id: { type: DataTypes.STRING(8), allowNull: false },
    user_id: { type: DataTypes.STRING(64), allowNull: false },
    name: { type: DataTypes.STRING(100), allowNull: false },
    description: { type: DataTypes.STRING(1000), allowNull: false, defaultValue: '' },
    role_level: { type: DataTypes.INTEGER, allowNull: false },
    read_only: { type: DataTypes.BOOLEAN, allowNull: false },
    expires_at: { type: DataTypes.DATE, allowNull: true },
    revoked_at: { type: DataTypes.DATE, allowNull: true },
    last_used_at: { type: DataTypes.DATE, allowNull: true },
    last_used_instance_id: { type: DataTypes.STRING(64), allowNull: true },
    created_at: { type: DataTypes.DATE, allowNull: false },
    updated_at: { type: DataTypes.DATE, allowNull: false },
  })
  await queryInterface.addIndex('pat_tokens', ['user_id', 'created_at', 'id'])
  await queryInterface.addConstraint('pat_tokens', {
    name: 'pat_tokens_role_level_check',
    type: 'check',
    fields: ['role_level'],
    where: { role_level: [5, 10, 30, 50] },
  })

  await queryInterface.createTable('pat_token_grants', {
    token_id: {
      type: DataTypes.STRING(36),
      primaryKey: true,
      references: { model: 'pat_tokens', key: 'id' },
      onDelete: 'CASCADE',
    },
    type: { type: DataTypes.STRING(11), primaryKey: true },
    target_id: { type: DataTypes.STRING(64), primaryKey: true },
  })
  await queryInterface.addIndex('pat_token_grants', ['type', 'target_id'])
}

export const down: Migration['down'] = async ({ context: queryInterface }) => {
  await queryInterface.dropTable('pat_token_grants')
  await queryInterface.dropTable('pat_tokens')
}
