import { once } from 'node:events'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { openDatabase } from '../../../forge/host/database.ts'
import { selectRows } from '../../../forge/sql/rows.ts'
import { noteEnds } from '../../../forge/tokens/ends.ts'
import { defineTokenModels } from '../../../forge/tokens/model.ts'
import type { TokenStore } from '../../../forge/tokens/store.ts'
import { createSqliteFile } from '../../support/database.ts'
import { openEvents } from '../../support/events.ts'
import { eventually } from '../../support/eventually.ts'
import { killForgeProcesses, startForgeProcess, type ForgeProcess } from '../../support/forge-process.ts'
import { auditOn } from '../audit/entries.ts'
import { expectWholeAudit, introspectAt, mintAt, revokeAt, seed, signInAt, type Scene } from './scene.ts'

const HOUR_MS = 3_600_000

describe('a forge on SQLite', () => {
  let database: { url: string; drop(): Promise<void> }
  let forge: ForgeProcess
  let scene: Scene
  let cookie: string

  beforeAll(async () => {
    database = await createSqliteFile()
    const env = { MAX_TOKENS_PER_USER: '1000', LOG_LEVEL: 'fatal' }
    forge = await startForgeProcess({ databaseUrl: database.url, env, preload: ['./test/support/forge-trouble.mjs'] })
    scene = await seed(database.url, 2)
    cookie = await signInAt(forge.url, scene.usernames[0] ?? '')
  })
  afterAll(async () => {
    await killForgeProcesses()
    await database.drop()
  })

  const cause = async (trouble: { hasRoom: boolean } | { shiftMs: number }) => {
    const done = once(forge.child, 'message')
    forge.child.send(trouble)
    await done
  }
  const mint = (hours = 1) => {
    const expiresAt = new Date(Date.now() + hours * HOUR_MS).toISOString()
    return mintAt(forge.url, cookie, scene.instance, { expiresAt })
  }
  const minted = async (hours?: number) => {
    const answer = await mint(hours)
    expect(answer).toMatchObject({ status: 201 })
    return answer?.body ?? { id: '', token: '' }
  }
  const isActive = async ({ token }: { token: string }) => {
    const answer = await introspectAt(forge.url, scene.instance, token)
    expect(answer?.status).toBe(200)
    return answer?.body.active
  }
  const tokensKept = async () => {
    const db = await openDatabase(database.url)
    const rows = await selectRows<{ id: string }>(db, 'SELECT id FROM pat_tokens ORDER BY id', [])
    await db.close()
    return rows.map(({ id }) => id)
  }

  it('says 503 and changes nothing while the disk is full, reads on, and writes again when there is room', async () => {
    const before = await minted()
    const answered = [before]
    await cause({ hasRoom: false })

    let refused = await mint()
    for (; refused?.status === 201; refused = await mint()) answered.push(refused.body)

    expect(refused).toMatchObject({ status: 503, retryAfterMs: 30_000, body: { code: 'unavailable' } })
    expect(refused?.text).toContain('The database has no room left, and nothing was changed.')
    expect(await tokensKept()).toEqual(answered.map(({ id }) => id).sort())
    expect(await isActive(before)).toBe(true)
    // Whatever becomes of a revocation, what was answered is what holds.
    const revoking = await revokeAt(forge.url, cookie, before.id)
    expect([204, 503]).toContain(revoking?.status)
    expect(await isActive(before)).toBe(revoking?.status === 503)

    await cause({ hasRoom: true })
    const after = await minted()
    expect(await isActive(after)).toBe(true)
    expect(await tokensKept()).toEqual([...answered, after].map(({ id }) => id).sort())
    await expectWholeAudit(database.url)
  })

  it('lets nothing come alive again whose end was noted, however far its clock is set back', async () => {
    const [ended, live] = [await minted(20), await minted(20)]
    expect(await isActive(ended)).toBe(true)
    // As the housekeeper of another forge does, whose clock is right.
    const db = await openDatabase(database.url)
    const store = { db, models: defineTokenModels(db), audit: auditOn(db) } as unknown as TokenStore
    const justNow = new Date(Date.now() - 1_000)
    await store.models.Token.update({ expiresAt: justNow }, { where: { id: ended.id } })
    await noteEnds(store, new Date())
    await db.close()

    await cause({ shiftMs: -2 * HOUR_MS })
    expect([await isActive(ended), await isActive(live)]).toEqual([false, true])
    await cause({ shiftMs: 0 })
  })

  it('tells who is expired by a clock that is moved, and nothing else depends on it', async () => {
    const [short, long, doomed] = [await minted(1), await minted(20), await minted(20)]
    const events = await openEvents(forge.url, scene.instance.credential)
    const states = async () => [await isActive(short), await isActive(long)]
    expect(await states()).toEqual([true, true])

    await cause({ shiftMs: 2 * HOUR_MS })
    expect(await states()).toEqual([false, true])
    // Two hours after signing in it wants that again.
    expect(await mint(20)).toMatchObject({ status: 403, body: { code: 'reauthentication_required' } })

    await cause({ shiftMs: -2 * HOUR_MS })
    expect(await states()).toEqual([true, true])
    expect((await revokeAt(forge.url, cookie, doomed.id))?.status).toBe(204)
    expect(await isActive(doomed)).toBe(false)
    // The stream from before has stood it all, and tells.
    for (;;) {
      const heard = await events.next()
      if (heard.event === 'forget' && heard.data.tokenId === doomed.id) break
    }
    events.close()
    await eventually(async () => expect((await fetch(`${forge.url}/health/ready`)).status).toBe(200))

    await cause({ shiftMs: 0 })
    expect(await states()).toEqual([true, true])
    expect(await isActive(doomed)).toBe(false)
    await expectWholeAudit(database.url)
  })
})
