import { pino } from 'pino'
import { QueryTypes, type Sequelize } from 'sequelize'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { Change } from '../../../forge/changes/change.ts'
import { createChanges, type Changes } from '../../../forge/changes/changes.ts'
import { openDatabase } from '../../../forge/host/database.ts'
import { createTestDatabase, type Dialect, type TestDatabase } from '../../support/database.ts'
import { fill, FIXED, WATCHED } from './watched.ts'

const log = pino({ level: 'silent' })

/** Changes that somebody else makes, over a connection of their own. */
export function changeCases(dialect: Dialect): void {
  let database: TestDatabase
  let stranger: Sequelize
  let changes: Changes
  let heard: string[]

  beforeAll(async () => {
    database = await createTestDatabase(dialect)
    stranger = await openDatabase(database.url)
    await fill(stranger)
  })
  afterAll(async () => {
    await stranger.close()
    await database.cleanup()
  })
  beforeEach(async () => {
    changes = createChanges(database.db, log)
    await changes.start()
    heard = []
    changes.onChange((change) => heard.push(say(change)))
  })
  afterEach(() => changes.close())

  const hear = async (statement: string) => {
    heard.length = 0
    await stranger.query(statement)
    await changes.settled()
    return heard
  }

  describe.each(WATCHED)('a change of $table', ({ table, row, tells, columns, silent }) => {
    afterEach(() => fill(stranger))

    it.each(columns)('is told when it is of %s', async (column, value, told = { row, tells }) => {
      const heardNow = await hear(`UPDATE ${table} SET ${column} = ${value} WHERE ${told.row}`)
      expect(heardNow.sort()).toEqual(told.tells.toSorted())
    })

    it('is nobody’s business when it is of any other column', async () => {
      for (const [column, value] of silent) {
        expect(await hear(`UPDATE ${table} SET ${column} = ${value} WHERE ${row}`)).toEqual([])
      }
    })

    it('is told when the row goes, and when it comes', async () => {
      expect(await hear(`DELETE FROM ${table} WHERE ${row}`)).toEqual(expect.arrayContaining(tells))
      heard.length = 0
      await fill(stranger)
      await changes.settled()
      expect(heard).toEqual(expect.arrayContaining(tells))
    })

    it('is of a column that is listed here, so that a new one is thought of', async () => {
      const [there] = await stranger.query<object>(`SELECT * FROM ${table} LIMIT 1`, { type: QueryTypes.SELECT })
      const listed = [...columns, ...silent].map(([column]) => column)
      expect([...listed, ...(FIXED[table] ?? [])].sort()).toEqual(Object.keys(there ?? {}).sort())
    })
  })

  it('tells that anything may have changed when a provider of single sign-on has', async () => {
    const columns = 'id, name, type, enabled, source, settings, sealed_secrets, key_id, created_at, updated_at'
    const values = "'idp', 'IdP', 'oidc', true, 'page', '{}', '', 'key00000', '2026-11-24', '2026-11-24'"

    expect(await hear(`INSERT INTO sso_providers (${columns}) VALUES (${values})`)).toEqual(['all '])
    expect(await hear("UPDATE sso_providers SET settings = '[]' WHERE id = 'idp'")).toEqual(['all '])
    expect(await hear("UPDATE sso_providers SET last_test = 'x' WHERE id = 'idp'")).toEqual([])
  })

  it('tells nothing of what was rolled back', async () => {
    await expect(
      stranger.transaction(async (transaction) => {
        await stranger.query("UPDATE users SET suspended = true WHERE id = 'user'", { transaction })
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    await changes.settled()
    expect(heard).toEqual([])
  })

  it('has told, once it is settled, everything that was committed before', async () => {
    let told = 0
    for (let n = 0; n < 200; n++) {
      heard.length = 0
      await stranger.query(`UPDATE users SET name = 'Name ${n}' WHERE id = 'user'`)
      await changes.settled()
      told += heard.includes('user user') ? 1 : 0
    }
    expect(told).toBe(200)
  })

  it.runIf(dialect === 'sqlite')(
    'has told everything that was committed before who asks whether it is current',
    async () => {
      let told = 0
      for (let n = 0; n < 200; n++) {
        heard.length = 0
        await stranger.query(`UPDATE users SET name = 'Name ${n}' WHERE id = 'user'`)
        await changes.isCurrent()
        told += heard.includes('user user') ? 1 : 0
      }
      expect(told).toBe(200)
    },
  )

  it('is of use for what is held while it hears, and not any more once it is closed', async () => {
    expect(changes.healthy).toBe(true)
    expect(await changes.isCurrent()).toBe(true)

    await changes.close()

    expect(changes.healthy).toBe(false)
    expect(await changes.isCurrent()).toBe(false)
  })

  it('tells nobody who has stopped listening', async () => {
    const told: Change[] = []
    const stop = changes.onChange((change) => told.push(change))
    stop()
    await hear("UPDATE users SET name = 'Another' WHERE id = 'user'")
    expect(told).toEqual([])
  })

  it.runIf(dialect === 'sqlite')('tells that anything may have changed when it has missed something', async () => {
    await stranger.query("UPDATE users SET name = 'One' WHERE id = 'user'")
    await stranger.query("UPDATE users SET name = 'Two' WHERE id = 'user'")
    await stranger.query('DELETE FROM pat_changes WHERE id < (SELECT max(id) FROM pat_changes)')
    heard.length = 0 // the poll may have been quicker
    const [row] = await stranger.query<{ id: number }>('SELECT max(id) AS id FROM pat_changes', {
      type: QueryTypes.SELECT,
    })
    await stranger.query(`UPDATE pat_changes SET id = id + 5 WHERE id = ${row?.id}`)
    await changes.settled()
    expect(heard).toContain('all ')
  })
}

const say = ({ kind, id, place }: Change) => [kind, id, ...(place ? [place.type, place.id] : [])].join(' ')
