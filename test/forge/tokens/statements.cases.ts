import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'

import { formatToken } from '../../../forge/contract/token-format.ts'
import type { CreatedToken } from '../../../forge/contract/token.ts'
import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  createUser,
  mintToken,
  openBrowser,
  type TestInstance,
  type TestUser,
} from '../../support/builders.ts'
import { createTestDatabase, type Dialect, type TestDatabase } from '../../support/database.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

/** What is asked about a caller, a token and its holder; what a forge does by itself meanwhile is none of it. */
const CALLER = /secret_hash (IN|= ANY)/
const FACTS = /t\.selector = |p\.team_id = |AS "userSuspended"|FROM pat_token_grants WHERE token_id/

/** How many statements stand behind an introspection, whichever way they go to the database. */
export function statementCases(dialect: Dialect): void {
  let database: TestDatabase
  let forge: TestForge
  let alice: TestUser
  let team: Awaited<ReturnType<typeof createTeam>>
  let packer: TestInstance
  let press: TestInstance
  let minted: CreatedToken

  beforeAll(async () => {
    database = await createTestDatabase(dialect)
    forge = await startForge({ db: database.db })
    alice = await createUser(forge)
    team = await createTeam(forge, { owner: alice })
    const application = await createApplication(forge, { team })
    packer = await createInstance(forge, { application })
    press = await createInstance(forge, { application })
  })
  afterAll(async () => {
    await forge.close()
    await database.cleanup()
  })
  beforeEach(async () => {
    const grants = [packer, press].map(({ id }) => ({ type: 'instance' as const, id }))
    minted = await mintToken(forge, { user: alice, instance: packer, role: 'member', readOnly: false, grants })
  })

  const post = async (path: string, payload: Record<string, string>, instance = packer) => {
    const headers = {
      authorization: `Bearer ${instance.credential}`,
      'content-type': 'application/x-www-form-urlencoded',
    }
    const form = new URLSearchParams(payload).toString()
    return (await forge.app.inject({ method: 'POST', url: path, headers, payload: form })).json<
      Record<string, string>
    >()
  }
  const exchange = async (text: string, from: TestInstance, to: TestInstance) => {
    const type = 'urn:ietf:params:oauth:token-type:access_token'
    const grant = { grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token_type: type }
    const answer = await post('/oauth/token', { ...grant, subject_token: text, resource: to.url }, from)
    return answer['access_token'] ?? ''
  }
  const introspect = (text: string, instance = packer) => post('/oauth/introspect', { token: text }, instance)

  /** What the forge asks about a token meanwhile. */
  async function factsAskedBy(work: () => Promise<unknown>): Promise<string[]> {
    const spy = dialect === 'postgres' ? vi.spyOn(pg.Client.prototype, 'query') : vi.spyOn(forge.db, 'query')
    await work()
    const asked = (spy.mock.calls as unknown[][]).map(([sql]) =>
      typeof sql === 'string' ? sql : ((Object(sql) as { text?: string }).text ?? ''),
    )
    spy.mockRestore()
    return asked.filter((sql) => FACTS.test(sql) && !CALLER.test(sql))
  }
  /** Everything that is held of the token counts no more, and the forge knows. */
  const change = async (id: string) => {
    const browser = await openBrowser(forge, alice)
    expect((await browser('PATCH', `/api/v1/tokens/${id}`, { role: 'viewer' })).statusCode).toBe(200)
  }

  it('are none while the facts are held', async () => {
    await introspect(minted.token)
    expect(await factsAskedBy(() => introspect(minted.token))).toEqual([])
  })

  it('are one when nothing is held of a token whose secret was proved before', async () => {
    await introspect(minted.token)
    await change(minted.id)

    const asked = await factsAskedBy(async () => {
      expect(await introspect(minted.token)).toMatchObject({ active: true, sub: alice.id, roles: ['viewer'] })
    })
    expect(asked).toHaveLength(1)
  })

  it('are one when it is presented at another instance', async () => {
    await introspect(minted.token)
    const asked = await factsAskedBy(async () => {
      expect(await introspect(minted.token, press)).toMatchObject({ active: true, aud: press.url })
    })
    expect(asked).toHaveLength(1)
  })

  it.runIf(dialect === 'postgres')(
    'are fewer than the tokens that come together, and none gets the answer of another',
    async () => {
      const grants = [packer, press].map(({ id }) => ({ type: 'instance' as const, id }))
      const others: { bob: TestUser; text: string }[] = []
      for (let n = 0; n < 4; n++) {
        const bob = await createUser(forge)
        await addMember(forge, { team, user: bob, role: 'viewer' })
        others.push({
          bob,
          text: (await mintToken(forge, { user: bob, instance: packer, role: 'viewer', grants })).token,
        })
      }
      for (const { text } of others) await introspect(text)

      const asked = await factsAskedBy(async () => {
        const answers = await Promise.all(others.map(({ text }) => introspect(text, press)))
        expect(answers.map(({ sub, aud }) => ({ sub, aud }))).toEqual(
          others.map(({ bob }) => ({ sub: bob.id, aud: press.url })),
        )
      })
      expect(asked.length).toBeLessThan(others.length)
    },
  )

  it('are one for a token that came of another one that came of another one', async () => {
    const first = await exchange(minted.token, packer, press)
    const second = await exchange(first, press, packer)
    await introspect(second)
    await change(minted.id)

    const asked = await factsAskedBy(async () => {
      expect(await introspect(second)).toMatchObject({ active: true, act: { sub: press.id, act: { sub: packer.id } } })
    })
    expect(asked).toHaveLength(1)
  })

  it('are two at the first use: one to prove the secret, and nothing long before that', async () => {
    const asked = await factsAskedBy(() => introspect(minted.token))
    expect(asked).toHaveLength(2)
    expect(asked[0]).not.toMatch(/grants|tools|users/)
  })

  it('are one and the same for a secret that is wrong and a selector that is unknown', async () => {
    await introspect(minted.token)
    const { selector } = minted
    const wrong = await factsAskedBy(() => introspect(formatToken({ selector, secret: 'x'.repeat(43) })))
    const unknown = await factsAskedBy(() =>
      introspect(formatToken({ selector: 'x'.repeat(12), secret: 'x'.repeat(43) })),
    )

    expect(wrong).toHaveLength(1)
    expect(wrong).toEqual(unknown)
  })

  it('are fewer than the guesses and the first uses that come together, and each gets its own answer', async () => {
    const mint = () => mintToken(forge, { user: alice, instance: packer, role: 'member', readOnly: false })
    const tokens = [await mint(), await mint(), await mint()]
    const guess = (selector: string) => formatToken({ selector, secret: 'x'.repeat(43) })
    const texts = tokens.flatMap(({ token, selector }, n) => [guess(`unknown0000${n}`), token, guess(selector)])

    const asked = await factsAskedBy(async () => {
      const answers = await Promise.all(texts.map((text) => introspect(text)))
      expect(answers.map(({ jti }) => jti)).toEqual(tokens.flatMap(({ id }) => [undefined, id, undefined]))
    })
    expect(asked.filter((sql) => /AS asked/.test(sql) && !/grants/.test(sql)).length).toBeLessThan(texts.length)
  })

  it('are none for a text with a checksum that is wrong', async () => {
    const last = minted.token.at(-1) === '0' ? '1' : '0'
    expect(await factsAskedBy(() => introspect(minted.token.slice(0, -1) + last))).toEqual([])
  })
}
