import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { ConfigError } from '../../../../forge/host/config-error.ts'
import { startSession } from '../../../../forge/host/sessions/sessions.ts'
import { applyProvidersFile } from '../../../../forge/host/sso/provider-file.ts'
import { insertProvider } from '../../../../forge/host/sso/providers.ts'
import { createVault } from '../../../../forge/host/sso/vault.ts'
import { createStore, type HostStore } from '../../../../forge/host/store.ts'
import { createSecretKeys } from '../../../../forge/keys.ts'
import { createTestDatabase, type TestDatabase } from '../../../support/database.ts'
import { TEST_SECRET_KEY } from '../../../support/forge.ts'
import { samlInput } from './saml/samples.ts'
import { providerInput } from './samples.ts'

const vault = createVault(createSecretKeys(TEST_SECRET_KEY))
let database: TestDatabase
let store: HostStore
let folder: string

beforeEach(async () => {
  database = await createTestDatabase()
  store = createStore(database.db)
  folder = await mkdtemp(join(tmpdir(), 'forge-sso-'))
})
afterEach(async () => {
  await database.cleanup()
  await rm(folder, { recursive: true })
})

async function apply(content: unknown): Promise<void> {
  const path = join(folder, 'providers.json')
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  await applyProvidersFile({ store, vault }, path)
}

const THROUGH = { authenticatedAt: null, providerSid: null, sealedLogout: null }
const okta = { id: 'okta', ...providerInput() }
const problem = (content: unknown) =>
  apply(content).then(
    () => 'nothing',
    (error: unknown) => {
      expect(error).toBeInstanceOf(ConfigError)
      return (error as Error).message
    },
  )

describe('the file of providers', () => {
  it('adds, changes, and disables what it names no more', async () => {
    await apply({ providers: [okta] })
    await apply({ providers: [{ ...okta, name: 'Okta 2' }] })
    expect(await store.Provider.findByPk('okta')).toMatchObject({ name: 'Okta 2', enabled: true, source: 'file' })

    await applyProvidersFile({ store, vault }, null)
    expect(await store.Provider.findByPk('okta')).toMatchObject({ enabled: false })
  })

  it('ends the sessions that came through what it names no more', async () => {
    const other = { ...okta, id: 'other', domains: ['other.example'] }
    await apply({ providers: [okta, other] })
    const account = { username: 'alice', name: 'Alice', email: 'alice@acme.example', admin: false, passwordHash: 'x' }
    const { id: userId } = await store.User.create(account)
    for (const providerId of ['okta', 'other', null]) {
      const through = providerId === null ? undefined : { ...THROUGH, providerId }
      await startSession(store, userId, Date.now(), through)
    }

    await apply({ providers: [other] })
    const left = await store.Session.findAll()
    expect(left.map(({ providerId }) => providerId).sort()).toEqual(['other', null].sort())
  })

  it('takes over what the page had under the same id', async () => {
    const { id, ...input } = okta
    const sso = { sessions: { store }, vault }
    await database.db.transaction((transaction) => insertProvider(sso, { id, source: 'page', input }, transaction))

    await apply({ providers: [okta] })
    expect(await store.Provider.findByPk(id)).toMatchObject({ enabled: true, source: 'file' })
    await apply({ providers: [] })
    expect(await store.Provider.findByPk(id)).toMatchObject({ enabled: false })
  })

  it('has SAML providers beside others, and says what is wrong with a certificate', async () => {
    const saml = { id: 'adfs', ...samlInput({ domains: ['adfs.example'] }) }
    await apply({ providers: [okta, saml] })
    expect(await store.Provider.findByPk('adfs')).toMatchObject({ type: 'saml', enabled: true })

    const broken = { ...saml, saml: { ...saml.saml, certificates: ['A'.repeat(200)] } }
    expect(await problem({ providers: [broken] })).toMatch(/can't be applied: One of the certificates is not an X\.509/)
    expect(await problem({ providers: [{ ...okta, id: 'adfs' }] })).toMatch(/A provider keeps its type/)
  })

  it.each([
    ['no JSON', /^SSO_PROVIDERS_FILE names a file that can't be read as JSON: /],
    [
      { providers: [{ ...okta, name: '' }] },
      /^SSO_PROVIDERS_FILE is not valid: providers\.0\.name must not be empty\.$/,
    ],
    [{ providers: [{ ...okta, colour: 'red' }] }, /does not belong: colour\.$/],
    [{ providers: [okta, { ...okta, id: 'other' }] }, /A domain or a team in it belongs to another provider\.$/],
    [{ providers: [{ ...okta, teams: ['nowhere'] }] }, /There is no team with the slug nowhere\.$/],
  ])('stops the start for %j and changes nothing', async (content, message) => {
    expect(await problem(content)).toMatch(message)
    expect(await store.Provider.count()).toBe(0)
  })
})
