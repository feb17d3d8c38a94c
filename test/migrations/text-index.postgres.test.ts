import { randomBytes } from 'node:crypto'

import { QueryTypes } from 'sequelize'
import { expect, it, onTestFinished } from 'vitest'

import { openDatabase } from '../../forge/host/database.ts'
import { down, up } from '../../migrations/module/20261125-23-find-tokens-by-text.ts'
import { createTestDatabase } from '../support/database.ts'
import { hasPostgres } from '../support/postgres.ts'

it.runIf(hasPostgres)(
  'names of tokens are indexed where the extension may be had, and go without where not',
  async () => {
    const { db, url, cleanup } = await createTestDatabase('postgres')
    onTestFinished(cleanup)
    const hasIndex = async () =>
      (await db.query("SELECT 1 FROM pg_indexes WHERE indexname = 'pat_tokens_text'", { type: QueryTypes.SELECT }))
        .length === 1
    expect(await hasIndex()).toBe(true)

    const role = `forge_${randomBytes(6).toString('hex')}`
    await db.query(`DROP EXTENSION pg_trgm CASCADE; CREATE ROLE ${role} LOGIN; GRANT ALL ON SCHEMA public TO ${role}`)
    await db.query(`ALTER TABLE pat_tokens OWNER TO ${role}`)
    const theirs = new URL(url)
    theirs.username = role
    const limited = await openDatabase(theirs.href)
    await up({ name: '', context: limited.getQueryInterface() })
    await down({ name: '', context: limited.getQueryInterface() })
    await up({ name: '', context: limited.getQueryInterface() })
    await limited.close()
    expect(await hasIndex()).toBe(false)

    await up({ name: '', context: db.getQueryInterface() })
    expect(await hasIndex()).toBe(true)
    await db.query(`REASSIGN OWNED BY ${role} TO CURRENT_USER; DROP OWNED BY ${role}; DROP ROLE ${role}`)
  },
)
