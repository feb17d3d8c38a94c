import { Op } from 'sequelize'

import { openSecrets, sealSecrets } from './settings.ts'
import type { Sso } from './sso.ts'

/**
 * Moves the secrets of providers to the current server key; done at every start, since keys change with one. The write
 * holds only while the row is the one that was read, so that several forges at once do no harm.
 */
export async function rekeySecrets({ sessions: { store }, vault, log }: Sso): Promise<void> {
  const rows = await store.Provider.findAll({ where: { keyId: { [Op.ne]: vault.keyId } } })

  for (const row of rows) {
    const { id, name, keyId, sealedSecrets } = row
    const secrets = openSecrets(vault, row)
    if (!secrets) {
      log.warn({ keyId, provider: name }, 'the secrets of a provider were made with a server key that is not here')
      continue
    }
    await store.Provider.update(sealSecrets(vault, id, secrets), { where: { id, sealedSecrets }, silent: true })
  }
}
