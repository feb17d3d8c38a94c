import type { Sequelize } from 'sequelize'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { makeCheckpoints } from '../../../forge/audit/checkpoints.ts'
import type { Entry } from '../../../forge/audit/model.ts'
import { createAuditProver, digestOfSeals } from '../../../forge/audit/proof.ts'
import { verifyAudit } from '../../../forge/audit/verify.ts'
import { openDatabase } from '../../../forge/host/database.ts'
import { createTestDatabase, type Dialect, type TestDatabase } from '../../support/database.ts'
import { auditOn, inOwnLog, keys, otherKeys, revoked, writeAll } from './entries.ts'

const TRIGGERS: [table: string, operations: string[]][] = [
  ['pat_audit_entries', ['update', 'delete']],
  ['pat_audit_checkpoints', ['update', 'delete']],
]

/** What somebody who owns the database can do first. */
async function takeTriggersAway(db: Sequelize): Promise<void> {
  for (const [table, operations] of TRIGGERS) {
    for (const operation of operations) {
      const where = db.getDialect() === 'postgres' ? ` ON ${table}` : ''
      await db.query(`DROP TRIGGER ${table}_${operation}${where}`)
    }
  }
}

/** What must be found, on whichever database. */
export function verifyCases(dialect: Dialect): void {
  let database: TestDatabase
  let audit: ReturnType<typeof auditOn>

  beforeEach(async () => {
    database = await createTestDatabase(dialect)
    audit = auditOn(database.db)
  })
  afterEach(() => database.cleanup())

  const write = (count: number) => writeAll(database.db, audit, Array(count).fill(inOwnLog))
  const verify = (anchor?: string) => verifyAudit(database.db, [keys], anchor === undefined ? {} : { anchor })
  const entries = (): Promise<Entry[]> => audit.models.Entry.findAll({ order: ['sequence'], raw: true })
  const tamper = async (sql: string, ...bind: unknown[]) => {
    await database.db.query(sql, { bind })
  }

  /** Ten entries under two checkpoints, and nothing in the way of tampering. */
  const tenSealed = async (): Promise<Entry[]> => {
    await write(6)
    await makeCheckpoints(audit)
    await write(4)
    await makeCheckpoints(audit)
    await takeTriggersAway(database.db)
    return entries()
  }
  const entry = (rows: Entry[], index: number): Entry => {
    const row = rows[index]
    if (!row) throw new RangeError(`there is no entry ${index}`)
    return row
  }
  const found = async (anchor?: string) => (await verify(anchor)).problems.map(({ kind, what }) => `${kind} ${what}`)

  it('finds nothing wrong with an audit without entries', async () => {
    expect(await verify()).toEqual({
      entries: 0,
      unsealed: 0,
      checkpoints: 0,
      anchor: null,
      problems: [],
      problemCount: 0,
    })
  })

  it('finds nothing wrong with what was written, sealed or not yet', async () => {
    await write(3)
    await makeCheckpoints(audit)
    await write(2)

    expect(await verify()).toMatchObject({ entries: 5, unsealed: 2, checkpoints: 1, problemCount: 0 })
  })

  it('keeps text that databases store differently', async () => {
    const odd = 'a\0b\ud800 “quotes” ☃ \u{1f600}'
    await writeAll(database.db, audit, [{ ...inOwnLog, token: { ...requireToken(inOwnLog), name: odd } }])

    expect((await entries())[0]?.tokenName).toBe('ab\ufffd “quotes” ☃ \u{1f600}')
    expect(await found()).toEqual([])
  })

  describe('an entry', () => {
    it.each([
      ['event', 'user.pat.created'],
      ['body', '{"reason":"leaked"}'],
      ['username', 'bob'],
      ['address', '198.51.100.1'],
      ['scope_id', 'bob-id'],
      ['created_at', '2020-01-01 00:00:00.000 +00:00'],
    ])('whose %s was changed is named', async (column, value) => {
      const changed = entry(await tenSealed(), 3)
      await tamper(`UPDATE pat_audit_entries SET ${column} = $1 WHERE id = $2`, value, changed.id)

      expect(await found()).toEqual([`entry_changed ${changed.id}`])
    })

    it('that was changed before it was sealed is named', async () => {
      await write(1)
      await tamper("UPDATE pat_audit_entries SET username = 'bob'")
      const [changed] = await entries()

      expect(await found()).toEqual([`entry_inserted ${changed?.id}`])
      await makeCheckpoints(audit)
      expect(await found()).toEqual([`entry_changed ${changed?.id}`])
    })

    it('that was deleted is named by its number', async () => {
      const deleted = entry(await tenSealed(), 3)
      await tamper('DELETE FROM pat_audit_entries WHERE id = $1', deleted.id)

      expect(await found()).toEqual(['entries_missing entries 4'])
    })

    it.each([
      ['first', 'sequence = 1', '1'],
      ['last', 'sequence = 10', '10'],
      ['one at the end of a checkpoint', 'sequence = 6', '6'],
      ['run', 'sequence BETWEEN 5 AND 8', '5 to 6,7 to 8'],
    ])('that was the %s is missed', async (_, which, ranges) => {
      await tenSealed()
      await tamper(`DELETE FROM pat_audit_entries WHERE ${which}`)

      expect(await found()).toEqual(ranges.split(',').map((range) => `entries_missing entries ${range}`))
    })

    it('that takes the place of a deleted one is named', async () => {
      const rows = await tenSealed()
      await tamper('DELETE FROM pat_audit_entries WHERE sequence = 3')
      await tamper('UPDATE pat_audit_entries SET sequence = 3 WHERE sequence = 10')

      expect(await found()).toEqual([`entry_moved ${entry(rows, 9).id}`, 'entries_missing entries 10'])
    })

    it('that was inserted without the key is named', async () => {
      await tenSealed()
      const forged = auditOn(database.db, otherKeys)
      await writeAll(database.db, forged, [inOwnLog])
      await tamper('UPDATE pat_audit_entries SET key_id = $1 WHERE sequence IS NULL', keys.id)
      const inserted = (await entries()).find((row) => row.sequence === null)

      expect(await found()).toEqual([`entry_inserted ${inserted?.id}`])
    })

    it('that was inserted and then sealed by the forge is named', async () => {
      await tenSealed()
      await writeAll(database.db, auditOn(database.db, otherKeys), [inOwnLog])
      await tamper('UPDATE pat_audit_entries SET key_id = $1 WHERE sequence IS NULL', keys.id)
      await makeCheckpoints(audit)

      expect(await found()).toEqual([`entry_changed ${entry(await entries(), 10).id}`])
    })

    it('is named when it changed places with another', async () => {
      const rows = await tenSealed()
      await tamper('UPDATE pat_audit_entries SET sequence = -1 WHERE sequence = 2')
      await tamper('UPDATE pat_audit_entries SET sequence = 2 WHERE sequence = 9')
      await tamper('UPDATE pat_audit_entries SET sequence = 9 WHERE sequence = -1')

      expect(await found()).toEqual([`entry_moved ${entry(rows, 8).id}`, `entry_moved ${entry(rows, 1).id}`])
    })

    it('whose number was taken away is missed', async () => {
      await tenSealed()
      await tamper('UPDATE pat_audit_entries SET sequence = NULL, seal = NULL WHERE sequence = 4')

      expect(await found()).toEqual(['entries_missing entries 4'])
    })
  })

  describe('a checkpoint', () => {
    it.each(['first_sequence', 'last_sequence', 'number'])('whose %s was changed is named', async (column) => {
      await tenSealed()
      await tamper(`UPDATE pat_audit_checkpoints SET ${column} = ${column} + 1 WHERE number = 2`)

      expect((await found()).join()).toContain(`checkpoint_changed checkpoint ${column === 'number' ? 3 : 2}`)
    })

    it('that is missing among others is named', async () => {
      await tenSealed()
      await tamper('DELETE FROM pat_audit_checkpoints WHERE number = 1')

      expect(await found()).toContain('checkpoints_missing checkpoints 1')
    })

    it('is missed at the end while its entries are there', async () => {
      await tenSealed()
      await tamper('DELETE FROM pat_audit_checkpoints WHERE number = 2')

      expect(await found()).toEqual(['checkpoints_missing newest checkpoints'])
    })

    it('is missed at the end, with its entries, by what was streamed', async () => {
      await tenSealed()
      await tamper("INSERT INTO pat_audit_streams VALUES ('stdout', 9, '2026-11-23 00:00:00.000 +00:00')")
      await tamper('DELETE FROM pat_audit_checkpoints WHERE number = 2')
      await tamper('DELETE FROM pat_audit_entries WHERE sequence > 6')

      expect(await found()).toEqual(['entries_missing entries 7 to 9'])
    })

    it('is missed at the end, with its entries, by an anchor', async () => {
      await tenSealed()
      const { anchor } = await verify()
      await tamper('DELETE FROM pat_audit_checkpoints WHERE number = 2')
      await tamper('DELETE FROM pat_audit_entries WHERE sequence > 6')

      expect(await found()).toEqual([])
      expect(await found(anchor ?? '')).toEqual(['checkpoints_missing checkpoint 2'])
    })

    it('that was made anew over other entries is told by an anchor', async () => {
      await tenSealed()
      const { anchor } = await verify()
      await tamper('DELETE FROM pat_audit_checkpoints WHERE number = 2')
      await tamper('DELETE FROM pat_audit_entries WHERE sequence > 6')
      await write(4)
      await makeCheckpoints(audit)

      expect(await found()).toEqual([])
      expect(await found(anchor ?? '')).toEqual(['checkpoint_changed checkpoint 2'])
    })

    it('tells entries that were exchanged for others once sealed in their place', async () => {
      const rows = await tenSealed()
      const last = entry(rows, 9)
      await tamper('DELETE FROM pat_audit_checkpoints WHERE number = 2')
      await tamper('DELETE FROM pat_audit_entries WHERE sequence > 9')
      await tamper('UPDATE pat_audit_entries SET sequence = NULL WHERE sequence > 6')
      await write(1)
      await makeCheckpoints(audit)
      await tamper('DELETE FROM pat_audit_entries WHERE sequence = 10')
      await audit.models.Entry.create(last)

      expect(await found()).toEqual(['checkpoint_changed checkpoint 2'])
    })
  })

  describe('another server key', () => {
    it('is named where it is not given', async () => {
      await write(1)
      await makeCheckpoints(audit)
      const [row] = await entries()

      const { problems } = await verifyAudit(database.db, [otherKeys])
      expect(problems.map(({ kind, what }) => `${kind} ${what}`)).toEqual([
        'unknown_key checkpoint 1',
        `unknown_key ${row?.id}`,
      ])
    })

    it('goes on with the chain of the one before it', async () => {
      await write(2)
      await makeCheckpoints(audit)
      await write(1)
      await makeCheckpoints(auditOn(database.db, otherKeys))

      expect(await verifyAudit(database.db, [otherKeys, keys])).toMatchObject({ checkpoints: 2, problemCount: 0 })
    })

    it('does not let its holder make the past anew', async () => {
      await tenSealed()
      await write(1)
      await makeCheckpoints(auditOn(database.db, otherKeys))
      await forgeCheckpoint(database.db)

      const { problems } = await verifyAudit(database.db, [otherKeys, keys])
      expect(problems.map(({ kind, what }) => `${kind} ${what}`)).toEqual([
        'checkpoint_changed checkpoint 3',
        'entries_missing entries 10',
      ])
    })
  })

  describe('many at once', () => {
    it('numbers every entry once while fifty write and two forges make checkpoints', async () => {
      const otherDb = await openDatabase(database.url)
      const other = auditOn(otherDb)
      const written = new AbortController()
      const sealing = [audit, other].map(async (forge) => {
        while (!written.signal.aborted) await makeCheckpoints(forge)
      })

      await Promise.all(
        Array.from({ length: 50 }, (_, n) => {
          const forge = n % 2 ? audit : other
          return writeAll(forge.db, forge, [revoked, revoked])
        }),
      )
      written.abort()
      await Promise.all(sealing)
      await makeCheckpoints(audit)
      await otherDb.close()

      expect(await verify()).toMatchObject({ entries: 200, unsealed: 0, problemCount: 0 })
      expect((await entries()).map(({ sequence }) => Number(sequence))).toEqual(
        Array.from({ length: 200 }, (_, n) => n + 1),
      )
    })

    it('writes nothing when the change is undone', async () => {
      const undone = database.db.transaction(async (transaction) => {
        await audit.write(revoked, transaction)
        throw new Error('undone')
      })
      await expect(undone).rejects.toThrow('undone')

      expect(await verify()).toMatchObject({ entries: 0 })
    })

    it('makes checkpoints over more entries than one holds', async () => {
      await database.db.transaction(async (transaction) => {
        for (let n = 0; n < 1001; n++) await audit.write(inOwnLog, transaction)
      })
      await makeCheckpoints(audit)

      expect(await verify()).toMatchObject({ entries: 1001, unsealed: 0, checkpoints: 3, problemCount: 0 })
    })
  })

  describe('the tables', () => {
    it.each([
      'UPDATE pat_audit_entries SET event = event',
      'DELETE FROM pat_audit_entries',
      'UPDATE pat_audit_checkpoints SET number = number',
      'DELETE FROM pat_audit_checkpoints',
    ])('refuse %j', async (sql) => {
      await write(1)
      await makeCheckpoints(audit)

      await expect(database.db.query(sql)).rejects.toMatchObject({
        parent: { message: expect.stringContaining('append-only') },
      })
    })
  })
}

/** What the holder of a key that was replaced can do: make the second checkpoint anew, without its last entry. */
async function forgeCheckpoint(db: Sequelize): Promise<void> {
  const { Checkpoint, Entry } = auditOn(db).models
  await Entry.destroy({ where: { sequence: 10 } })
  const rows = await Entry.findAll({ where: { sequence: [7, 8, 9] }, order: ['sequence'], raw: true })
  const checkpoint = await Checkpoint.findOne({ where: { number: 2 }, raw: true, rejectOnEmpty: true })

  const sealsDigest = digestOfSeals(rows.map(({ seal }) => seal ?? ''))
  const forged = { ...checkpoint, sealsDigest, lastSequence: 9 }
  const mac = createAuditProver(keys).ofCheckpoint(forged)
  await Checkpoint.update({ ...forged, mac }, { where: { number: 2 } })
}

function requireToken({ token }: typeof inOwnLog) {
  if (!token) throw new TypeError('the entry is about no token')
  return token
}
