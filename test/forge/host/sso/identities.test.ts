import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { findAccount, type Proved } from '../../../../forge/host/sso/identities.ts'
import { insertProvider } from '../../../../forge/host/sso/providers.ts'
import { createVault } from '../../../../forge/host/sso/vault.ts'
import { createStore, type HostStore } from '../../../../forge/host/store.ts'
import { createSecretKeys } from '../../../../forge/keys.ts'
import { createTestDatabase, type TestDatabase } from '../../../support/database.ts'
import { TEST_SECRET_KEY } from '../../../support/forge.ts'
import { providerInput } from './samples.ts'

let database: TestDatabase
let store: HostStore

beforeEach(async () => {
  database = await createTestDatabase()
  store = createStore(database.db)
  const sso = { sessions: { store }, vault: createVault(createSecretKeys(TEST_SECRET_KEY)) }
  const input = providerInput({ domains: ['acme.example'] })
  await database.db.transaction((transaction) =>
    insertProvider(sso, { id: 'okta', source: 'page', input }, transaction),
  )
  const kate = { username: 'kate', name: 'Kate', email: 'kate@acme.example', admin: true, passwordHash: 'x' }
  await store.User.create(kate)
})
afterEach(() => database.cleanup())

const accountOf = async (email: string) => {
  const proved: Proved = {
    ...{ issuer: 'https://acme.okta.example', subject: 's', username: 'k', name: 'K', email, emailVerified: true },
    ...{ groups: [], authTime: null, amr: [] },
  }
  const provider = await store.Provider.findByPk('okta', { rejectOnEmpty: true })
  return findAccount(store, provider, proved)
}

describe('the account of an address', () => {
  it('is found in whatever case', async () => {
    expect(await accountOf('Kate@Acme.example')).toMatchObject({ how: 'email', user: { username: 'kate' } })
  })

  it.each(['\u212Aate@acme.example', 'ｋate@acme.example', 'kate@ａcme.example'])(
    'is not found, and none is made, by %j, which only looks like it',
    async (email) => {
      await expect(accountOf(email)).rejects.toMatchObject({ problem: 'email_not_verified' })
    },
  )
})
