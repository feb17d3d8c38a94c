import type { Transaction } from 'sequelize'

import type { ProviderType } from '../../contract/sso.ts'
import { ForgeError } from '../../errors/forge-error.ts'
import type { HostStore } from '../store.ts'
import type { ProviderRow } from './model.ts'

export const noSuchProvider = () => new ForgeError('not_found', 'There is no such identity provider.')

/** @throws {ForgeError} not_found */
export async function findProvider(
  { Provider }: HostStore,
  id: string,
  transaction: Transaction | null = null,
): Promise<ProviderRow> {
  const row = await Provider.findByPk(id, { transaction })
  if (!row) throw noSuchProvider()
  return row
}

/** @throws {ForgeError} not_found, also for a provider of another type */
export async function findProviderOf(store: HostStore, id: string, type: ProviderType): Promise<ProviderRow> {
  const row = await findProvider(store, id)
  if (row.type !== type) throw noSuchProvider()
  return row
}
