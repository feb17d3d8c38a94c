import { createHash } from 'node:crypto'

import { Op, UniqueConstraintError, type Transaction } from 'sequelize'

import type { HostStore } from '../store.ts'

/**
 * Takes a message that counts once; of all forges that get it, one is told true.
 * @param name what tells it from every other: its issuer and its id
 * @param expiresAt when it could not be believed any more anyhow
 */
export async function takeOnce(
  { Seen }: HostStore,
  { name, expiresAt }: { name: string; expiresAt: Date },
  transaction: Transaction | null = null,
): Promise<boolean> {
  const digest = createHash('sha256').update(name).digest('hex')
  await Seen.destroy({ where: { expiresAt: { [Op.lte]: new Date() } }, transaction })
  try {
    await Seen.create({ digest, expiresAt }, { transaction })
    return true
  } catch (error) {
    if (error instanceof UniqueConstraintError) return false
    throw error
  }
}
