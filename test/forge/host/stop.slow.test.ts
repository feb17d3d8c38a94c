import { afterAll, beforeAll, expect, it } from 'vitest'

import { openDatabase } from '../../../forge/host/database.ts'
import { selectRows } from '../../../forge/sql/rows.ts'
import { createSqliteFile } from '../../support/database.ts'
import { eventually } from '../../support/eventually.ts'
import { killForgeProcesses, startForgeProcess, type ForgeProcess } from '../../support/forge-process.ts'
import { expectWholeAudit, introspectAt, mintAt, seed, signInAt, type Answer, type Scene } from '../faults/scene.ts'

let database: { url: string; drop(): Promise<void> }
let forge: ForgeProcess
let scene: Scene
beforeAll(async () => {
  database = await createSqliteFile()
  forge = await startForgeProcess({
    databaseUrl: database.url,
    env: { DRAIN_SECONDS: '2', MAX_TOKENS_PER_USER: '1000' },
  })
  scene = await seed(database.url, 2)
})
afterAll(async () => {
  await killForgeProcesses()
  await database.drop()
})

/** Asks again and again, until nobody is there any more. */
async function untilGone<T>(ask: () => Promise<Answer<T> | null>, most = Infinity): Promise<Answer<T>[]> {
  const answers: Answer<T>[] = []
  for (let answer = await ask(); answer; answer = await ask()) if (answers.push(answer) === most) break
  return answers
}

/** By one person within an hour, with some room. */
const MOST_MINTED = 90

it('a forge that is told to stop under load says so, finishes what it was asked, and keeps what it answered', async () => {
  const { instance, usernames } = scene
  const cookies = await Promise.all(usernames.map((username) => signInAt(forge.url, username)))
  const known = await mintAt(forge.url, cookies[0] ?? '', instance)
  const token = known?.body.token ?? ''
  const authorization = `Bearer ${instance.credential}`
  const stream = await fetch(`${forge.url}/api/v1/instance/events`, { headers: { authorization } })

  const minting = Promise.all(
    cookies.map((cookie) => untilGone(() => mintAt(forge.url, cookie, instance), MOST_MINTED)),
  )
  const asking = untilGone(() => introspectAt(forge.url, instance, token))
  const ready = async () => (await fetch(`${forge.url}/health/ready`)).status
  expect(await ready()).toBe(200)

  forge.child.kill('SIGTERM')

  await eventually(async () => expect(await ready()).toBe(503))
  const meanwhile = await introspectAt(forge.url, instance, token)
  expect(meanwhile).toMatchObject({ status: 200, body: { active: true } })
  const events = await stream.text()
  expect(events).toMatch(/^retry: \d+\n/)
  expect(events).toContain('event: bye\n')

  expect(await forge.ended).toBe(0)
  const [minted, asked] = [(await minting).flat(), await asking]
  expect(new Set(minted.map(({ status }) => status))).toEqual(new Set([201]))
  expect(new Set(asked.map(({ status }) => status))).toEqual(new Set([200]))

  const db = await openDatabase(database.url)
  const tokens = await selectRows<{ id: string }>(db, 'SELECT id FROM pat_tokens', [])
  const ids = new Set(tokens.map(({ id }) => id))
  expect(minted.filter(({ body }) => !ids.has(body.id))).toEqual([])
  // Each use that was answered is counted: what waits in memory was written before the end.
  const [used] = await selectRows<{ uses: number }>(db, 'SELECT sum(uses) AS uses FROM pat_token_days', [])
  expect(Number(used?.uses)).toBeGreaterThanOrEqual(asked.length + 1)
  // And at most one was counted whose answer never came.
  expect(Number(used?.uses)).toBeLessThanOrEqual(asked.length + 2)
  await db.close()
  await expectWholeAudit(database.url)
})
