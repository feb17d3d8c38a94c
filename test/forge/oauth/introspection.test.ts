import { QueryTypes } from 'sequelize'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { defineAuditModels } from '../../../forge/audit/model.ts'
import type { ActiveIntrospection } from '../../../forge/contract/introspection.ts'
import { formatToken, parseToken } from '../../../forge/contract/token-format.ts'
import type { CreateToken } from '../../../forge/contract/token.ts'
import { defineTokenModels } from '../../../forge/tokens/model.ts'
import {
  createApplication,
  createInstance,
  createTeam,
  createUser,
  mintToken,
  setOverride,
  signIn,
  type TestApplication,
  type TestInstance,
  type TestUser,
} from '../../support/builders.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

const NOW = Date.parse('2026-11-23T12:00:00.000Z')
const MINUTE_MS = 60_000

let forge: TestForge
let team: { id: string; name: string; slug: string }
let application: TestApplication
let instance: TestInstance
let alice: TestUser

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
  forge = await startForge()
  alice = await createUser(forge, { username: 'alice' })
  team = await createTeam(forge, { slug: 'line-4', name: 'Line 4', owner: alice })
  application = await createApplication(forge, { team, name: 'Packaging' })
  instance = await createInstance(forge, { application, name: 'packer', url: 'https://packer.example.com' })
})
afterEach(async () => {
  await forge.close()
  vi.useRealTimers()
})

const mint = (change: Partial<CreateToken> = {}) =>
  mintToken(forge, {
    user: alice,
    instance,
    role: 'member',
    readOnly: false,
    expiresAt: new Date(NOW + 5 * MINUTE_MS).toISOString(),
    ...change,
  })

function introspect(token: string, asker: TestInstance = instance) {
  return forge.app.inject({
    method: 'POST',
    url: '/oauth/introspect',
    headers: { authorization: `Bearer ${asker.credential}`, 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ token }).toString(),
  })
}

const activeOf = async (token: string, asker?: TestInstance) =>
  (await introspect(token, asker)).json<ActiveIntrospection>()

/** Another secret behind the same selector, with a checksum that is right. */
function withOtherSecret(token: string): string {
  const parts = parseToken(token)
  if (!parts) throw new Error('not a token')
  return formatToken({ ...parts, secret: `${parts.secret.slice(1)}${parts.secret.startsWith('0') ? '1' : '0'}` })
}

describe('a live token', () => {
  it('names the user, the effective role and this instance', async () => {
    const created = await mint()
    const answer = await introspect(created.token)

    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toEqual({
      active: true,
      iss: forge.url,
      sub: alice.id,
      username: 'alice',
      name: 'Alice',
      email: 'alice@example.com',
      client_id: `pat:${created.id}`,
      jti: created.id,
      token_type: 'Bearer',
      scope: 'mcp:read mcp:write',
      aud: 'https://packer.example.com',
      iat: NOW / 1000,
      exp: (NOW + 5 * MINUTE_MS) / 1000,
      roles: ['member'],
      forge: {
        team: { id: team.id, slug: 'line-4', name: 'Line 4' },
        instance: { id: instance.id, name: 'packer' },
        role: { name: 'member', level: 30 },
        readOnly: false,
        mcpOnly: false,
        auditRef: expect.stringMatching(new RegExp(`^${created.id}\\.[\\w-]{43}$`)),
        cacheSeconds: 30,
      },
    })
  })

  it('has only the reading scope when it is read-only', async () => {
    const answer = await activeOf((await mint({ readOnly: true })).token)
    expect(answer).toMatchObject({ scope: 'mcp:read', forge: { readOnly: true } })
  })

  it('is worth the live role when that is under the cap, and never more than the cap', async () => {
    const { token } = await mint({ role: 'member' })
    await forge.store.Member.update({ roleLevel: 10 }, { where: { userId: alice.id } })
    expect((await activeOf(token)).roles).toEqual(['viewer'])

    await forge.store.Member.update({ roleLevel: 50 }, { where: { userId: alice.id } })
    expect((await activeOf(token)).roles).toEqual(['member'])
  })

  it('is worth what an override of the application says instead of the team role', async () => {
    const { token } = await mint()
    await setOverride(forge, { application, user: alice, role: 'dashboard' })
    expect((await activeOf(token)).roles).toEqual(['dashboard'])
  })

  it('reaches instances that were created later, by a grant of their application or team', async () => {
    const byApplication = await mint({ grants: [{ type: 'application', id: application.id }] })
    const byTeam = await mint({ grants: [{ type: 'team', id: team.id }] })
    const later = await createInstance(forge, { application })

    expect((await activeOf(byApplication.token, later)).active).toBe(true)
    expect((await activeOf(byTeam.token, later)).active).toBe(true)
  })

  it('gets another audit reference at another instance', async () => {
    const other = await createInstance(forge, { application })
    const { token } = await mint({ grants: [{ type: 'team', id: team.id }] })

    const [here, there] = [await activeOf(token), await activeOf(token, other)]
    expect(here.forge.auditRef).not.toBe(there.forge.auditRef)
  })

  it('does not depend on its owner being an administrator', async () => {
    await forge.store.User.update({ admin: true }, { where: { id: alice.id } })
    expect((await activeOf((await mint({ role: 'viewer' })).token)).roles).toEqual(['viewer'])
  })
})

/** Among the tokens, for what was presented; the forge has other questions about them, at times of its own. */
const asksForTokens = ([sql]: unknown[]) => typeof sql === 'string' && sql.includes('pat_tokens t ON t.selector =')

/** All that a caller sees of an answer but its date. */
function seen({ statusCode, headers, rawPayload }: Awaited<ReturnType<typeof introspect>>) {
  // The id of a request is another one each time.
  const { date: _date, 'x-request-id': _id, ...rest } = headers
  return { statusCode, headers: rest, payload: rawPayload.toString('base64') }
}

/** Each makes a token that must be refused, and gives its text. */
const REFUSED: [string, () => Promise<string>][] = [
  ['malformed', async () => 'not a token at all'],
  ['a platform token of FlowFuse', async () => `ffpat_${'A'.repeat(43)}`],
  ['of a wrong checksum', async () => `${(await mint()).token.slice(0, -1)}~`.replace(/.~$/, '00')],
  ['of an unknown selector', async () => formatToken({ selector: 'unknown00000', secret: 'S'.repeat(43) })],
  ['of a wrong secret', async () => withOtherSecret((await mint()).token)],
  [
    'expired this very second',
    async () => {
      const { token } = await mint({ expiresAt: new Date(NOW + 1000).toISOString() })
      expect((await activeOf(token)).active).toBe(true)
      vi.setSystemTime(NOW + 1000)
      return token
    },
  ],
  [
    'revoked right after it was used',
    async () => {
      const { id, token } = await mint()
      expect((await activeOf(token)).active).toBe(true)
      const headers = await signIn(forge, alice)
      await forge.app.inject({ method: 'DELETE', url: `/api/v1/tokens/${id}`, headers })
      return token
    },
  ],
  [
    "for another team's instance",
    async () => {
      const elsewhere = await createApplication(forge, { team: await createTeam(forge, { owner: alice }) })
      const other = await createInstance(forge, { application: elsewhere })
      return (await mint({ grants: [{ type: 'instance', id: other.id }] })).token
    },
  ],
  [
    'for a sibling instance',
    async () => {
      const sibling = await createInstance(forge, { application })
      return (await mint({ grants: [{ type: 'instance', id: sibling.id }] })).token
    },
  ],
  [
    'of a member who was removed from the team',
    async () => {
      const { token } = await mint()
      await forge.store.Member.destroy({ where: { userId: alice.id } })
      return token
    },
  ],
  [
    'of an administrator who is no member',
    async () => {
      const { token } = await mint()
      await forge.store.User.update({ admin: true }, { where: { id: alice.id } })
      await forge.store.Member.destroy({ where: { userId: alice.id } })
      return token
    },
  ],
  [
    'of a suspended person',
    async () => {
      const { token } = await mint()
      await forge.store.User.update({ suspended: true }, { where: { id: alice.id } })
      return token
    },
  ],
  [
    'of a person who was deleted',
    async () => {
      const { token } = await mint()
      await forge.store.User.destroy({ where: { id: alice.id } })
      return token
    },
  ],
  [
    'of someone whom the application shuts out',
    async () => {
      const { token } = await mint()
      await setOverride(forge, { application, user: alice, role: 'none' })
      return token
    },
  ],
  [
    'of a suspended team',
    async () => {
      const { token } = await mint()
      await forge.store.Team.update({ suspended: true }, { where: { id: team.id } })
      return token
    },
  ],
]

describe('a token that may not be used here (RFC 7662 section 2.2)', () => {
  it.each(REFUSED)('is answered with the very bytes and headers of junk when it is %s', async (_, make) => {
    const answer = await introspect(await make())

    expect(answer.statusCode).toBe(200)
    expect(answer.body).toBe('{"active":false}')
    expect(seen(answer)).toEqual(seen(await introspect('junk')))
  })

  it('is not found by an instance that was deleted: its credential died with it', async () => {
    const { token } = await mint()
    await forge.store.Instance.destroy({ where: { id: instance.id } })
    const answer = await introspect(token)

    expect(answer.statusCode).toBe(401)
    expect(answer.json()).toMatchObject({ error: 'invalid_client' })
  })

  it('costs the same steps for an unknown selector and for a wrong secret, however much that token reaches', async () => {
    const grants: CreateToken['grants'] = [
      { type: 'instance', id: instance.id },
      { type: 'application', id: application.id },
      { type: 'team', id: team.id },
    ]
    const known = (await mint({ grants })).token
    const stepsFor = async (token: string) => {
      const spy = vi.spyOn(forge.db, 'query')
      await introspect(token)
      const answers: unknown[] = await Promise.all(spy.mock.results.map(({ value }) => value as unknown))
      const steps = spy.mock.calls.map(([sql], n) => ({ sql, rows: [answers[n]].flat().length }))
      spy.mockRestore()
      // What else the forge asks meanwhile, such as for the credential of the instance, is none of them.
      return steps.filter(({ sql }) => asksForTokens([sql]))
    }

    const unknown = await stepsFor(formatToken({ selector: 'unknown00000', secret: 'S'.repeat(43) }))
    const wrong = await stepsFor(withOtherSecret(known))
    expect(unknown).toEqual([{ sql: expect.any(String), rows: 1 }])
    expect(wrong).toEqual(unknown)
  })

  it('costs no statement about tokens when it is junk', async () => {
    const spy = vi.spyOn(forge.db, 'query')
    await introspect('ffpat_junk')
    expect(spy.mock.calls.some(asksForTokens)).toBe(false)
    spy.mockRestore()
  })
})

describe('the audit log of a team', () => {
  it('tells of wrong secrets behind a token that is for the team, together, and nothing of unknown selectors', async () => {
    const { token } = await mint()
    for (let n = 0; n < 3; n++) expect(await introspect(withOtherSecret(token))).toMatchObject({ statusCode: 200 })
    await introspect(formatToken({ selector: 'unknown00000', secret: 'S'.repeat(43) }))
    await forge.app.close() // with what is written in the background

    const { Entry } = defineAuditModels(forge.db)
    const where = { event: 'user.pat.refused', scopeType: 'team', scopeId: team.id } as const
    const bodies = (await Entry.findAll({ where, order: ['id'], raw: true })).map(
      ({ body }) => JSON.parse(body) as object,
    )
    expect(bodies).toMatchObject([
      { reason: 'wrong_secret', instance: { id: instance.id }, count: 1 },
      { reason: 'wrong_secret', instance: { id: instance.id }, count: 2 },
    ])
    expect(await refusalsIn('user', alice.id)).toBe(2)
  })

  it('tells of refused tokens that are for the team, and of no stray, ended or not', async () => {
    const owner = await createUser(forge)
    const elsewhere = await createTeam(forge, { owner })
    const other = await createInstance(forge, { application: await createApplication(forge, { team: elsewhere }) })
    const { id, token } = await mint()
    await forge.app.inject({ method: 'DELETE', url: `/api/v1/tokens/${id}`, headers: await signIn(forge, alice) })

    await introspect(token, other)
    await introspect(token)
    await forge.app.close() // with what is written in the background

    expect(await refusalsIn('team', elsewhere.id)).toBe(0)
    expect(await refusalsIn('team', team.id)).toBe(1)
    expect(await refusalsIn('user', alice.id)).toBe(2)
  })

  const refusalsIn = (scopeType: string, scopeId: string) =>
    defineAuditModels(forge.db).Entry.count({ where: { event: 'user.pat.refused', scopeType, scopeId } })
})

describe('last use', () => {
  it('keeps nothing of what a client calls itself that could turn the direction of reading', async () => {
    const { id, token } = await mint()
    const payload = new URLSearchParams({ token, client: 'a\u202Eb\u2066c\nd' }).toString()
    const type = 'application/x-www-form-urlencoded'
    const headers = { authorization: `Bearer ${instance.credential}`, 'content-type': type }
    await forge.app.inject({ method: 'POST', url: '/oauth/introspect', headers, payload })
    await forge.app.close()

    const row = await defineTokenModels(forge.db).Token.findByPk(id)
    expect(row?.lastUsedClient).toBe('a b c d')
  })

  it('is on the record after the forge has stopped, without having moved the time of the last change', async () => {
    const { id, token, createdAt } = await mint()
    vi.setSystemTime(NOW + MINUTE_MS)
    await introspect(token)
    await forge.app.close()

    const [row] = await forge.db.query<Record<string, unknown>>(
      'SELECT last_used_at, last_used_instance_id, updated_at FROM pat_tokens WHERE id = $1',
      { bind: [id], type: QueryTypes.SELECT },
    )
    expect(new Date(String(row?.['last_used_at'])).getTime()).toBe(NOW + MINUTE_MS)
    expect(row?.['last_used_instance_id']).toBe(instance.id)
    expect(new Date(String(row?.['updated_at'])).toISOString()).toBe(createdAt)
  })
})
