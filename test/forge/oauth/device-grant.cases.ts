import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { DeviceRequest } from '../../../forge/contract/device.ts'
import type { Token, TokenPage } from '../../../forge/contract/token.ts'
import { DEFAULT_POLICY } from '../../../forge/contract/policy.ts'
import { createPolicies } from '../../../forge/policy/policy.ts'
import { createUser, openBrowser } from '../../support/builders.ts'
import type { Dialect } from '../../support/database.ts'
import { startForge } from '../../support/forge.ts'
import { startOAuthScene, type OAuthScene } from './support.ts'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const SECOND_MS = 1000

/** The device grant (RFC 8628), on either database. */
export function describeDeviceGrant(dialect: Dialect): void {
  let scene: OAuthScene
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: NOW })
    scene = await startOAuthScene({ dialect, settings: { limits: { oauthClient: null, deviceRequest: null } } })
  })
  afterEach(async () => {
    await scene.forge.close()
    vi.useRealTimers()
  })

  const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * SECOND_MS)
  const errorOf = async (answer: ReturnType<OAuthScene['poll']>) => {
    const { statusCode, ...rest } = await answer
    return [statusCode, rest.json<{ error?: string }>().error]
  }
  const tokens = async () => (await scene.browser('GET', '/api/v1/tokens')).json<TokenPage>().tokens
  const lookup = (userCode: string) => scene.browser('POST', '/api/v1/device/lookup', { userCode })

  describe('asking (section 3.1)', () => {
    it('answers what the program and its user need, stored by nobody', async () => {
      const answer = await scene.post('/oauth/device_authorization', { client_id: 'forge-pat' })

      expect(answer.statusCode).toBe(200)
      expect(answer.headers['cache-control']).toBe('no-store')
      const { user_code: userCode, ...body } = answer.json<Record<string, string>>()
      expect(userCode).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
      expect(body).toEqual({
        device_code: expect.stringMatching(/^[\w-]{43}$/),
        verification_uri: 'http://forge.test/device',
        verification_uri_complete: `http://forge.test/device?user_code=${userCode}`,
        expires_in: 600,
        interval: 5,
      })
    })

    it('keeps neither of the codes', async () => {
      const { device_code: deviceCode, user_code: userCode } = await scene.begin()

      const [rows] = await scene.forge.db.query('SELECT * FROM pat_device_codes')
      expect(rows).toHaveLength(1)
      expect(JSON.stringify(rows)).not.toContain(deviceCode)
      expect(JSON.stringify(rows)).not.toContain(userCode.replace('-', ''))
    })

    it.each<[string, [string, string][], number, string]>([
      ['no client', [], 400, 'invalid_request'],
      ['an unknown client', [['client_id', 'who']], 401, 'invalid_client'],
      [
        'an unknown scope',
        [
          ['client_id', 'forge-pat'],
          ['scope', 'admin'],
        ],
        400,
        'invalid_scope',
      ],
      [
        'a resource with a fragment',
        [
          ['client_id', 'forge-pat'],
          ['resource', 'https://a.example/#x'],
        ],
        400,
        'invalid_target',
      ],
      [
        'a resource that is no address',
        [
          ['client_id', 'forge-pat'],
          ['resource', 'packer'],
        ],
        400,
        'invalid_target',
      ],
      [
        'a client named twice',
        [
          ['client_id', 'forge-pat'],
          ['client_id', 'forge-pat'],
        ],
        400,
        'invalid_request',
      ],
    ])('refuses %s', async (_what, form, status, error) => {
      const answer = await scene.post('/oauth/device_authorization', form)

      expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([status, error])
    })
  })

  describe('deciding (section 3.3)', () => {
    it('shows who asks, from where, and for which of the instances that the person reaches', async () => {
      const [first] = scene.instances
      const { user_code: userCode } = await scene.begin([
        ['client_id', 'forge-pat'],
        ['scope', 'mcp:read mcp:write'],
        ['resource', `${first.url}/mcp`],
        ['resource', 'https://elsewhere.example'],
      ])

      const answer = await lookup(userCode.toLowerCase().replace('-', ' '))

      expect(answer.json<DeviceRequest>()).toEqual({
        userCode,
        client: { id: 'forge-pat', name: 'forge-pat command', kind: 'built-in', teamId: null },
        address: '127.0.0.1',
        askedAt: '2026-11-24T12:00:00.000Z',
        expiresAt: '2026-11-24T12:10:00.000Z',
        readOnly: false,
        resources: [
          { url: `${first.url}/mcp`, instanceId: first.id },
          { url: 'https://elsewhere.example/', instanceId: null },
        ],
      })
    })

    it('finds nothing behind a code that is wrong, over or decided', async () => {
      const { user_code: denied } = await scene.begin()
      const { user_code: over } = await scene.begin()
      await scene.browser('POST', '/api/v1/device/deny', { userCode: denied })
      expect((await lookup('BBBB-BBBB')).statusCode).toBe(404)
      expect((await lookup(denied)).statusCode).toBe(404)
      expect((await scene.approve(denied)).statusCode).toBe(404)

      pass(600)
      expect((await lookup(over)).statusCode).toBe(404)
    })

    it('takes 30 codes from a person in ten minutes, on all forges together', async () => {
      const second = await startForge({ db: scene.forge.db, empty: true })
      const elsewhere = await openBrowser(second, scene.alice)
      for (let i = 0; i < 15; i++) {
        expect((await lookup('BBBB-BBBB')).statusCode).toBe(404)
        expect((await elsewhere('POST', '/api/v1/device/lookup', { userCode: 'CCCC-CCCC' })).statusCode).toBe(404)
      }

      const { user_code: right } = await scene.begin()
      expect((await lookup(right)).statusCode).toBe(429)
      expect((await scene.approve(right)).statusCode).toBe(429)
      pass(600)
      const { user_code: later } = await scene.begin()
      expect((await lookup(later)).statusCode).toBe(200)
      await second.close()
    })

    it('takes 3,000 codes from all people together, so that many accounts find nothing either', async () => {
      pass(600)
      expect((await lookup('BBBB-BBBB')).statusCode).toBe(404)
      await scene.forge.db.query("UPDATE pat_code_entries SET entries = 3000 WHERE subject = 'all'")

      const bob = await openBrowser(scene.forge, await createUser(scene.forge))
      const enter = () => bob('POST', '/api/v1/device/lookup', { userCode: 'BBBB-BBBB' })
      expect((await enter()).statusCode).toBe(429)
      pass(600)
      expect((await enter()).statusCode).toBe(404)
    })

    it('wants a fresh sign-in for a yes, and none for a no', async () => {
      const { user_code: userCode } = await scene.begin()
      pass(0)
      const stale = await openBrowser(scene.forge, scene.alice)
      vi.setSystemTime(NOW + 11 * 60_000)
      const { user_code: fresh } = await scene.begin()

      const yes = await stale('POST', '/api/v1/device/approve', {
        userCode: fresh,
        name: 'x',
        role: 'viewer',
        readOnly: true,
        grants: [{ type: 'instance', id: scene.instances[0].id }],
        expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
      })
      expect(yes.json()).toMatchObject({ code: 'reauthentication_required' })
      expect((await stale('POST', '/api/v1/device/deny', { userCode: fresh })).statusCode).toBe(204)
      expect(userCode).not.toBe(fresh)
    })

    it('refuses more than the person is, as minting does', async () => {
      const { user_code: userCode, device_code: deviceCode } = await scene.begin()

      const answer = await scene.approve(userCode, { role: 'owner' })

      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([403, 'role_too_high'])
      expect(await errorOf(scene.poll(deviceCode))).toEqual([400, 'authorization_pending'])
    })
  })

  describe('polling (sections 3.4 and 3.5)', () => {
    it('gives the token that the person agreed to, once', async () => {
      const { device_code: deviceCode, user_code: userCode } = await scene.begin()
      expect(await errorOf(scene.poll(deviceCode))).toEqual([400, 'authorization_pending'])
      expect((await scene.approve(userCode)).statusCode).toBe(204)
      expect(await tokens()).toEqual([])

      pass(5)
      const answer = await scene.poll(deviceCode)

      expect(answer.statusCode).toBe(200)
      expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' })
      const body = answer.json<{ access_token: string }>()
      expect(body).toEqual({
        access_token: expect.stringMatching(/^ffpat_/),
        token_type: 'Bearer',
        expires_in: 3595,
        scope: 'mcp:read',
      })
      expect(await scene.introspect(body.access_token, scene.instances[0])).toMatchObject({
        active: true,
        roles: ['viewer'],
      })
      expect(await tokens()).toEqual([
        expect.objectContaining({
          name: 'my terminal',
          issuedVia: 'device',
          issuedTo: { id: 'forge-pat', name: 'forge-pat command' },
          parentId: null,
        } satisfies Partial<Token>),
      ])
      pass(60)
      expect(await errorOf(scene.poll(deviceCode))).toEqual([400, 'invalid_grant'])
    })

    it('wants a program that polls too soon to wait five seconds longer, and keeps that for it', async () => {
      const { device_code: deviceCode } = await scene.begin()
      await scene.poll(deviceCode)

      pass(4)
      expect(await errorOf(scene.poll(deviceCode))).toEqual([400, 'slow_down'])
      pass(4) // 8 seconds since the poll that counted, and 10 are wanted now
      expect(await errorOf(scene.poll(deviceCode))).toEqual([400, 'slow_down'])
      pass(7) // 15 of 15
      expect(await errorOf(scene.poll(deviceCode))).toEqual([400, 'authorization_pending'])
    })

    it('says no when the person has', async () => {
      const { device_code: deviceCode, user_code: userCode } = await scene.begin()
      await scene.browser('POST', '/api/v1/device/deny', { userCode })

      expect(await errorOf(scene.poll(deviceCode))).toEqual([400, 'access_denied'])
    })

    it('says that a code has expired, approved or not', async () => {
      const { device_code: deviceCode, user_code: userCode } = await scene.begin()
      await scene.approve(userCode)

      pass(600)
      expect(await errorOf(scene.poll(deviceCode))).toEqual([400, 'expired_token'])
      expect(await tokens()).toEqual([])
    })

    it('gives nothing to another client, or for a code that never was', async () => {
      const { device_code: deviceCode, user_code: userCode } = await scene.begin()
      await scene.approve(userCode)

      expect(await errorOf(scene.poll(deviceCode, 'https://other.example/client.json'))).toEqual([400, 'invalid_grant'])
      expect(await errorOf(scene.poll('x'.repeat(43)))).toEqual([400, 'invalid_grant'])
      expect((await scene.poll(deviceCode)).statusCode).toBe(200)
    })

    it.each<[string, () => Promise<unknown>]>([
      ['left the team', () => scene.forge.store.Member.destroy({ where: { userId: scene.alice.id } })],
      ['was suspended', () => scene.forge.store.User.update({ suspended: true }, { where: { id: scene.alice.id } })],
      [
        'was refused tokens by the policy',
        () =>
          scene.forge.db.transaction((t) =>
            createPolicies(scene.forge.db).save(scene.team.id, { ...DEFAULT_POLICY, enabled: false }, t),
          ),
      ],
    ])('mints nothing for a person who %s since they agreed', async (_what, change) => {
      const { device_code: deviceCode, user_code: userCode } = await scene.begin()
      await scene.approve(userCode)
      await change()

      expect(await errorOf(scene.poll(deviceCode))).toEqual([400, 'access_denied'])
      const [rows] = await scene.forge.db.query('SELECT id FROM pat_tokens')
      expect(rows).toEqual([])
    })

    it('gives one token for 1,000 polls of one approved code at once', async () => {
      const { device_code: deviceCode, user_code: userCode } = await scene.begin()
      await scene.approve(userCode)

      const answers = await Promise.all(Array.from({ length: 1000 }, () => scene.poll(deviceCode)))

      expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1)
      expect(await tokens()).toHaveLength(1)
    })

    it('gives one token when many have come past the pause, on two forges', async () => {
      const second = await startForge({ db: scene.forge.db, empty: true })
      const { device_code: deviceCode, user_code: userCode } = await scene.begin()
      await scene.approve(userCode)
      await scene.forge.db.query('UPDATE pat_device_codes SET interval_seconds = 0')

      const form = {
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        device_code: deviceCode,
        client_id: 'forge-pat',
      }
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, i) =>
          (i % 2 ? second : scene.forge).app.inject({
            method: 'POST',
            url: '/oauth/token',
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            payload: new URLSearchParams(form).toString(),
          }),
        ),
      )

      const errors = answers
        .filter(({ statusCode }) => statusCode !== 200)
        .map((each) => each.json<{ error: string }>().error)
      expect(errors).toEqual(Array.from({ length: 59 }, () => 'invalid_grant'))
      expect(await tokens()).toHaveLength(1)
      await second.close()
    })
  })
}
