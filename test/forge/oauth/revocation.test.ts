import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { AuditLogPage } from '../../../forge/contract/audit.ts'
import type { Token } from '../../../forge/contract/token.ts'
import {
  createApplication,
  createInstance,
  createTeam,
  createUser,
  mintToken,
  openBrowser,
  type TestInstance,
  type TestUser,
} from '../../support/builders.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

let forge: TestForge
let alice: TestUser
let team: { id: string }
let instance: TestInstance

beforeAll(async () => {
  forge = await startForge()
  alice = await createUser(forge)
  team = await createTeam(forge, { owner: alice })
  instance = await createInstance(forge, { application: await createApplication(forge, { team }) })
})
afterAll(() => forge.close())

function post(path: string, form: Record<string, string>, authorization?: string) {
  return forge.app.inject({
    method: 'POST',
    url: path,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...(authorization ? { authorization } : {}) },
    payload: new URLSearchParams(form).toString(),
  })
}

const revoke = (form: Record<string, string>, authorization?: string) => post('/oauth/revoke', form, authorization)

async function isActive(token: string): Promise<boolean> {
  const answer = await post('/oauth/introspect', { token }, `Bearer ${instance.credential}`)
  return answer.json<{ active: boolean }>().active
}

async function shown(id: string): Promise<Token> {
  return (await (await openBrowser(forge, alice))('GET', `/api/v1/tokens/${id}`)).json<Token>()
}

/** As if the device grant had issued it. */
async function issuedTo(clientId: string) {
  const minted = await mintToken(forge, { user: alice, instance })
  const columns = { issued_via: 'device', issued_to_id: clientId, issued_to_name: clientId }
  await forge.db.getQueryInterface().bulkUpdate('pat_tokens', columns, { id: minted.id })
  return minted
}

describe('revocation (RFC 7009)', () => {
  it('ends a token at once, with an empty 200 that nobody stores', async () => {
    const { id, token } = await mintToken(forge, { user: alice, instance })

    const answer = await revoke({ token, client_id: 'forge-pat' })

    expect(answer.statusCode).toBe(200)
    expect(answer.body).toBe('')
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' })
    expect(await isActive(token)).toBe(false)
    expect(await shown(id)).toMatchObject({ state: 'revoked', endReason: 'by_client' })
  })

  it('writes it into the logs of its owner and of the team that it reached', async () => {
    const { id, token } = await mintToken(forge, { user: alice, instance })
    await revoke({ token, client_id: 'forge-pat' })
    const browser = await openBrowser(forge, alice)

    for (const log of ['/api/v1/tokens/audit-log', `/api/v1/teams/${team.id}/audit-log`]) {
      const page = await browser('GET', `${log}?tokenId=${id}&event=user.pat.revoked`)
      expect(page.json<AuditLogPage>().log).toEqual([
        expect.objectContaining({ username: alice.username, source: 'api', body: { reason: 'by_client' } }),
      ])
    }
  })

  it('answers the same for what is no token, and for one that has ended already (section 2.2)', async () => {
    const { token } = await mintToken(forge, { user: alice, instance })
    await revoke({ token, client_id: 'forge-pat' })

    for (const text of ['junk', token]) {
      const answer = await revoke({ token: text, client_id: 'forge-pat', token_type_hint: 'refresh_token' })
      expect([answer.statusCode, answer.body]).toEqual([200, ''])
    }
  })

  it('lets the program revoke that the token was issued to', async () => {
    const { token } = await issuedTo('https://client.example/metadata.json')

    const answer = await revoke({ token, client_id: 'https://client.example/metadata.json' })

    expect(answer.statusCode).toBe(200)
    expect(await isActive(token)).toBe(false)
  })

  it('refuses a token that was issued to another program (section 2.1)', async () => {
    const { token } = await issuedTo('https://client.example/metadata.json')

    const answer = await revoke({ token, client_id: 'forge-pat' })

    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ error: 'invalid_grant' })
    expect(await isActive(token)).toBe(true)
  })

  it('does not let an instance end the token that a caller has shown it', async () => {
    const { token } = await mintToken(forge, { user: alice, instance })

    const answer = await revoke({ token }, `Bearer ${instance.credential}`)

    expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([400, 'invalid_grant'])
    expect(await isActive(token)).toBe(true)
  })

  it.each([
    ['nobody', {}],
    ['a client that is not known', { client_id: 'nobody-knows' }],
    ['a client that looks registered', { client_id: '00000000-0000-0000-0000-000000000000' }],
    ['a client by an address that is not secure', { client_id: 'http://client.example/metadata.json' }],
  ])('refuses %s with 401 invalid_client', async (_who, client) => {
    const { token } = await mintToken(forge, { user: alice, instance })

    const answer = await revoke({ token, ...client })

    expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([401, 'invalid_client'])
    expect(await isActive(token)).toBe(true)
  })

  it('refuses a wrong credential with the challenge of its scheme', async () => {
    const answer = await revoke({ token: 'junk' }, 'Basic bm86bm8=')

    expect(answer.statusCode).toBe(401)
    expect(answer.headers['www-authenticate']).toBe('Basic realm="forge"')
  })

  it('refuses a request without a token', async () => {
    const answer = await revoke({ client_id: 'forge-pat' })

    expect([answer.statusCode, answer.json()]).toEqual([
      400,
      { error: 'invalid_request', error_description: 'token is missing.' },
    ])
  })

  it('takes nothing but POST', async () => {
    const answer = await forge.app.inject({ method: 'GET', url: '/oauth/revoke?token=x' })

    expect(answer.statusCode).toBe(405)
    expect(answer.headers['allow']).toBe('POST')
  })
})
