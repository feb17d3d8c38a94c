import { ForeignKeyConstraintError, UniqueConstraintError, type Transaction } from 'sequelize'

import type { ProviderActor } from '../../../audit/actor.ts'
import { isContention } from '../../../errors/contention.ts'
import { ForgeError } from '../../../errors/forge-error.ts'
import type { ProviderRow } from '../model.ts'
import { findProvider } from '../find-provider.ts'
import { providerActor, type Origin } from '../sign-in.ts'
import { disabledHere, lockConnection, type Caller, type Scim } from './connection.ts'
import type { ConnectionRow } from './model.ts'
import { namesVersion } from './resources.ts'
import { ScimRefusal } from './scim-error.ts'

/** One write of a provider, from where on it has its turn. */
export interface Write {
  scim: Scim
  provider: ProviderRow
  connection: ConnectionRow
  actor: ProviderActor
  transaction: Transaction
}

/** Which one, and of which version where that matters (`If-Match`). */
export interface Aim {
  id: string
  ifMatch?: string | undefined
}

/** @throws {ForgeError} precondition_failed */
export function requireVersion(row: Parameters<typeof namesVersion>[1], ifMatch: string | undefined): void {
  if (ifMatch !== undefined && !namesVersion(ifMatch, row))
    throw new ForgeError('precondition_failed', 'It has changed since. Read it again.')
}

/** Who asks, and from where. */
export interface Asking extends Origin {
  caller: Caller
}

/**
 * Runs one write of a provider in one transaction. Writes of the same provider, and the sign-ins of its people, take
 * turns: what one of them computes from the groups of a person would be wrong by the time that it is written.
 * @throws {ForgeError} unauthorized for who was replaced while it waited, forbidden for who was disabled; {ScimRefusal} uniqueness
 */
export async function writing<T>(scim: Scim, asking: Asking, work: (write: Write) => Promise<T>): Promise<T> {
  const { store } = scim.sessions
  const { providerId, secretHash } = asking.caller
  const once = () =>
    store.db.transaction(async (transaction) => {
      const connection = await lockConnection(store, providerId, transaction)
      if (connection?.secretHash !== secretHash) throw new ForgeError('unauthorized', 'This SCIM token is no more.')
      const provider = await findProvider(store, providerId, transaction)
      if (!provider.enabled) throw disabledHere()
      return work({ scim, provider, connection, actor: providerActor(provider, asking), transaction })
    })
  try {
    // Somebody else, not of this provider, was given a name or an address meanwhile: looked at again, it is found. Or an
    // administrator is removing somebody whom this is about, and each waited for the other.
    return await once().catch((error: unknown) => {
      if (error instanceof UniqueConstraintError || isContention(error)) return once()
      throw error
    })
  } catch (error) {
    if (error instanceof UniqueConstraintError)
      throw new ScimRefusal('uniqueness', 'Another one has this name or address.')
    // An administrator has removed the account, or the provider, at this moment.
    if (error instanceof ForeignKeyConstraintError) throw new ForgeError('not_found', 'It is gone.', { cause: error })
    throw error
  }
}
