import { afterEach, expect, it } from 'vitest'

import { createTestDatabase } from '../../support/database.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

let forge: TestForge
afterEach(() => forge.close())

it('is live and ready on a working database', async () => {
  forge = await startForge()

  expect((await forge.app.inject('/health/live')).json()).toEqual({ status: 'ok' })
  expect((await forge.app.inject('/health/ready')).json()).toEqual({ status: 'ok', changes: 'heard' })
})

it('is live but not ready without its database', async () => {
  const { db, cleanup } = await createTestDatabase()
  forge = await startForge({ db })
  await cleanup()

  const ready = await forge.app.inject('/health/ready')

  expect(ready.statusCode).toBe(503)
  expect(ready.json()).toEqual({ code: 'unavailable', error: 'The database does not answer.' })
  expect(ready.headers['retry-after']).toBe('5')
  expect((await forge.app.inject('/health/live')).statusCode).toBe(200)
})

it('is not ready on a database that lacks what this version migrates', async () => {
  forge = await startForge()
  await forge.db.query("DELETE FROM migrations WHERE name = 'module/20261125-21-create-counts'")

  const ready = await forge.app.inject('/health/ready')

  expect(ready.statusCode).toBe(503)
  expect(ready.json()).toEqual({ code: 'unavailable', error: 'The database is older than this forge.' })
})

it('is live but not ready once it is about to stop, and logs no fault for being asked', async () => {
  const lines: string[] = []
  forge = await startForge({ logStream: { write: (line) => lines.push(line) } })
  forge.app.beginDrain()

  const ready = await forge.app.inject('/health/ready')

  expect(ready.statusCode).toBe(503)
  expect(ready.json()).toEqual({ code: 'unavailable', error: 'This forge is about to stop.' })
  expect(ready.headers).toMatchObject({ 'retry-after': '5', connection: 'close' })
  expect((await forge.app.inject('/health/live')).statusCode).toBe(200)
  expect(lines).toEqual([])
})
