import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { ProviderOf } from '../../../../forge/contract/sso.ts'
import { openSecrets } from '../../../../forge/host/sso/settings.ts'
import { createVault } from '../../../../forge/host/sso/vault.ts'
import { createSecretKeys } from '../../../../forge/keys.ts'
import { createTeam, createUser, openBrowser, type Browser } from '../../../support/builders.ts'
import { createTestDatabase, type TestDatabase } from '../../../support/database.ts'
import { startForge, TEST_SECRET_KEY, type TestForge } from '../../../support/forge.ts'
import { CLIENT_SECRET, providerInput } from './samples.ts'

const PATH = '/api/v1/sso/providers'
const NEW_KEY = Buffer.alloc(32, 9).toString('base64')

let database: TestDatabase
let forge: TestForge
let admin: Browser

beforeEach(async () => {
  database = await createTestDatabase()
  forge = await startForge({ db: database.db })
  admin = await openBrowser(forge, forge.admin)
})
afterEach(async () => {
  await forge.close()
  await database.cleanup()
})

async function create(change: Parameters<typeof providerInput>[0] = {}): Promise<ProviderOf<'oidc'>> {
  const answer = await admin('POST', PATH, providerInput(change))
  expect(answer.statusCode, answer.body).toBe(201)
  return answer.json<ProviderOf<'oidc'>>()
}

describe('identity providers', () => {
  it('are kept with several domains and teams, and never show their secret', async () => {
    await createTeam(forge, { slug: 'line-4' })
    const created = await create({ domains: ['acme.example', 'acme.co.example'], teams: ['line-4'] })

    expect(created).toMatchObject({
      name: 'Okta',
      domains: ['acme.co.example', 'acme.example'],
      teams: ['line-4'],
      hasSecret: true,
      addresses: {
        redirect: `http://forge.test/account/sso/${created.id}/callback`,
        backchannelLogout: `http://forge.test/account/sso/${created.id}/backchannel-logout`,
      },
    })
    const list = await admin('GET', PATH)
    expect(list.body + JSON.stringify(created)).not.toContain(CLIENT_SECRET)
    expect(list.json()).toMatchObject({ count: 1, providers: [{ id: created.id }] })
  })

  it('keep their secret encrypted, and when it is left out', async () => {
    const { id } = await create()
    const stored = JSON.stringify(await forge.db.query('SELECT * FROM sso_providers'))
    expect(stored).not.toContain(CLIENT_SECRET)

    const { clientSecret, ...oidc } = providerInput().oidc
    expect(clientSecret).toBe(CLIENT_SECRET)
    const renamed = await admin('PUT', `${PATH}/${id}`, { ...providerInput(), name: 'Okta 2', oidc })
    expect(renamed.json()).toMatchObject({ name: 'Okta 2', hasSecret: true })
  })

  it('hand no secret on to another issuer', async () => {
    const { id } = await create()
    const { clientSecret: _, ...oidc } = providerInput().oidc
    const moved = { ...providerInput(), oidc: { ...oidc, issuer: 'https://evil.example' } }
    expect((await admin('PUT', `${PATH}/${id}`, moved)).json()).toMatchObject({ hasSecret: false })
  })

  it('share no domain and no team', async () => {
    await createTeam(forge, { slug: 'line-4' })
    await create({ teams: ['line-4'] })

    const sameDomain = await admin('POST', PATH, providerInput())
    expect([sameDomain.statusCode, sameDomain.json<{ error: string }>().error]).toEqual([
      409,
      'One of these domains belongs to another provider.',
    ])
    const sameTeam = await admin('POST', PATH, providerInput({ domains: ['b.example'], teams: ['line-4'] }))
    expect([sameTeam.statusCode, sameTeam.json<{ error: string }>().error]).toEqual([
      409,
      'One of these teams is reached through another provider.',
    ])
    expect((await admin('GET', PATH)).json()).toMatchObject({ count: 1 })
  })

  it('are not removed while a team is reached through them', async () => {
    await createTeam(forge, { slug: 'line-4' })
    const { id } = await create({ teams: ['line-4'] })
    expect((await admin('DELETE', `${PATH}/${id}`)).statusCode).toBe(409)

    await admin('PUT', `${PATH}/${id}`, providerInput())
    expect((await admin('DELETE', `${PATH}/${id}`)).statusCode).toBe(204)
    expect((await admin('GET', `${PATH}/${id}`)).statusCode).toBe(404)
  })

  it.each([
    ['a plain http issuer elsewhere', { oidc: { issuer: 'http://idp.example' } }],
    ['an issuer that only begins like this machine', { oidc: { issuer: 'http://localhost.evil.example' } }],
    ['an issuer with user info', { oidc: { issuer: 'https://me@idp.example' } }],
    ['a domain in capitals', { domains: ['Acme.example'] }],
    ['no domain', { domains: [] }],
  ])('refuse %s', async (_, change) => {
    const input = providerInput(change as Parameters<typeof providerInput>[0])
    expect((await admin('POST', PATH, input)).statusCode).toBe(400)
  })

  it.each([
    [{ type: 'kerberos' }, 'type is not one of the values that are allowed.'],
    [{ type: undefined }, 'type is missing.'],
    [{ oidc: undefined }, 'oidc is missing.'],
    [{ colour: 'red' }, 'There is a field here that does not belong: colour.'],
  ])('say what is wrong with %j, as a provider of its type', async (change, error) => {
    const answer = await admin('POST', PATH, { ...providerInput(), ...change })
    expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([400, error])
  })

  it('answer a team that is not there with its slug', async () => {
    const answer = await admin('POST', PATH, providerInput({ teams: ['nowhere'] }))
    expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([
      404,
      'There is no team with the slug nowhere.',
    ])
    expect(await forge.store.Provider.count()).toBe(0)
  })

  it('are for administrators alone', async () => {
    const somebody = await openBrowser(forge, await createUser(forge))
    expect((await somebody('GET', PATH)).statusCode).toBe(403)
    expect((await somebody('POST', PATH, providerInput())).statusCode).toBe(403)
    expect((await (await openBrowser(forge))('GET', PATH)).statusCode).toBe(401)
  })

  it('move to a new server key when the forge starts', async () => {
    const { id } = await create()
    await forge.close()
    const both = createSecretKeys(NEW_KEY, [TEST_SECRET_KEY])
    forge = await startForge({ db: database.db, keys: both, empty: true })

    const row = await forge.store.Provider.findByPk(id, { rejectOnEmpty: true })
    expect(row.keyId).toBe(both.id)
    expect(openSecrets(createVault(createSecretKeys(NEW_KEY)), row)).toEqual({ clientSecret: CLIENT_SECRET })
  })
})

describe('POST /account/sso/find', () => {
  it('knows a domain in any case, and says nothing about people', async () => {
    const { id } = await create()
    const anyone = await openBrowser(forge)
    const find = async (email: string) => (await anyone('POST', '/account/sso/find', { email })).json<object>()

    const signInUrl = `http://forge.test/account/sso/${id}/start`
    const known = { provider: { id, name: 'Okta', signInUrl, asksForPassword: false } }
    expect(await find('nobody@ACME.example')).toEqual(known)
    expect(await find('nobody@sub.acme.example')).toEqual({ provider: null })
    expect(await find('acme.example')).toEqual({ provider: null })

    await admin('PUT', `${PATH}/${id}`, providerInput({ enabled: false }))
    expect(await find('nobody@acme.example')).toEqual({ provider: null })
  })
})
