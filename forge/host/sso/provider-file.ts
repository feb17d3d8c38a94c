import { readFile } from 'node:fs/promises'

import { Op } from 'sequelize'

import { ProvidersFileSchema, type ProvidersFile } from '../../contract/sso.ts'
import { ForgeError } from '../../errors/forge-error.ts'
import { sentenceFor, strictValidator } from '../../errors/validation.ts'
import { ConfigError } from '../config-error.ts'
import { refusingBrokenRules } from '../broken-rules.ts'
import type { HostStore } from '../store.ts'
import { insertProvider, updateProvider } from './providers.ts'
import type { Sso } from './sso.ts'

type FileProvider = ProvidersFile['providers'][number]

const NAME = 'SSO_PROVIDERS_FILE'

/**
 * Makes the providers that come from the file what the file says: all of them or none. One that it names no more is
 * disabled, which ends its sessions, rather than removed, so that a slip in the file takes nobody's account.
 * @param path null when no file is configured
 * @throws {ConfigError} with one sentence about the first thing that is wrong
 */
export async function applyProvidersFile(
  context: { store: HostStore; vault: Sso['vault'] },
  path: string | null,
): Promise<void> {
  const providers = path === null ? [] : await readProviders(path)
  const { store } = context

  try {
    const duplicate = () => new ForgeError('conflict', 'A domain or a team in it belongs to another provider.')
    await refusingBrokenRules({ duplicate }, () =>
      store.db.transaction(async (transaction) => {
        const absent = { source: 'file' as const, id: { [Op.notIn]: providers.map(({ id }) => id) } }
        for (const row of await store.Provider.findAll({ where: absent, transaction })) {
          await row.update({ enabled: false }, { transaction })
          await store.Session.destroy({ where: { providerId: row.id }, transaction })
        }
        for (const { id, ...input } of providers) {
          const row = await store.Provider.findByPk(id, { transaction })
          const sso = { sessions: { store }, vault: context.vault }
          if (row) {
            await row.update({ source: 'file' }, { transaction })
            await updateProvider(sso, row, input, transaction)
          } else await insertProvider(sso, { id, source: 'file', input }, transaction)
        }
      }),
    )
  } catch (error) {
    if (error instanceof ForgeError) throw new ConfigError(`${NAME} can't be applied: ${error.message}`)
    throw error
  }
}

async function readProviders(path: string): Promise<FileProvider[]> {
  const content = await readJson(path)
  const check = strictValidator({ schema: ProvidersFileSchema, method: '', url: '', httpPart: 'body' })
  if (check(content) === true) return (content as ProvidersFile).providers

  const { errors = [] } = check as { errors?: Parameters<typeof sentenceFor>[0] }
  throw new ConfigError(`${NAME} is not valid: ${sentenceFor(errors).replace('The body', 'The file')}`)
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    throw new ConfigError(`${NAME} names a file that can't be read as JSON: ${path}.`)
  }
}
