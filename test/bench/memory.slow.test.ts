import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { freePort } from '../../scripts/demo/process.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { hasPostgres } from '../support/postgres.ts'
import { startLoad, type Load } from './load.ts'
import { mixedLoad } from './memory.ts'
import { startServer, type Server } from './processes.ts'
import { SECRET_KEY, seed } from './seed.ts'

const TOKENS = 1_000
/** Of each turn: half of them good tokens, the others junk that was never there before. */
const REQUESTS = 12_000
/** 24,000 requests that each leave behind a key of a map, or a line of text, take more than that. */
const MOST_BYTES = 3_000_000

describe.runIf(hasPostgres)('the memory of a forge under a load of everything', () => {
  let database: TestDatabase
  let forge: Server
  let load: Load

  beforeAll(async () => {
    database = await createTestDatabase('postgres')
    await seed(database.db, { tokens: TOKENS })
    const args = [database.url, SECRET_KEY, String(await freePort())]
    forge = await startServer('forge-server.mjs', args, ['--expose-gc'])
    load = startLoad()
  })

  afterAll(async () => {
    load.stop()
    await forge.stop()
    await database.cleanup()
  })

  it('does not grow with the number of requests', async () => {
    const used = async () => (await forge.memory()).used
    const take = (turn: number) =>
      load.run({ url: forge.url, seconds: 100, groups: mixedLoad(TOKENS, turn, REQUESTS / 2) })

    for (const turn of [0, 1]) await take(turn) // fill what has a bound
    const early = await used()
    for (const turn of [2, 3]) await take(turn)
    // Connections that are not closed yet have buffers. What has leaked stays.
    await eventually(async () => expect((await used()) - early).toBeLessThan(MOST_BYTES))
  })
})
