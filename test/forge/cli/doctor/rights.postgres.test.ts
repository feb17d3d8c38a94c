import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { checkDatabase } from '../../../../forge/cli/doctor/check-database.ts'
import { readSidecarConfig } from '../../../../forge/flowfuse/config.ts'
import { createFlowFuseDatabase, PLATFORM_ID, type FlowFuseDatabase } from '../../../support/flowfuse-database.ts'
import { createRoleOfDocs } from '../../../support/flowfuse-role.ts'
import { TEST_SECRET_KEY } from '../../../support/forge.ts'
import { hasPostgres } from '../../../support/postgres.ts'

describe.runIf(hasPostgres)('the doctor on PostgreSQL', () => {
  let database: FlowFuseDatabase
  let role: Awaited<ReturnType<typeof createRoleOfDocs>>

  beforeEach(async () => {
    database = await createFlowFuseDatabase('new', 'postgres')
    role = await createRoleOfDocs(database.url)
  })
  afterEach(async () => {
    await role.drop()
    await database.cleanup()
  })

  async function examine(url: string, skewMs = 0) {
    const config = readSidecarConfig({
      BASE_URL: 'https://flowfuse.example.com/pat',
      FLOWFUSE_URL: 'http://127.0.0.1:1',
      FLOWFUSE_DATABASE: url,
      FLOWFUSE_INSTANCE_ID: PLATFORM_ID,
      FORGE_SECRET_KEY: TEST_SECRET_KEY,
    })
    return checkDatabase(config, () => Date.now() + skewMs)
  }
  const notOk = (findings: Awaited<ReturnType<typeof examine>>) =>
    findings.filter(({ state }) => state !== 'ok').map(({ state, says }) => `${state}: ${says}`)

  it('finds nothing to say about the role of the docs', async () => {
    // A table of ours in the same schema, in which we do write.
    await database.run('CREATE TABLE "Tokens" ("id" INTEGER)')
    await database.run(`GRANT INSERT ON "Tokens" TO ${new URL(role.url).username}`)
    const findings = await examine(role.url)

    expect(notOk(findings)).toEqual([])
    expect(findings.map(({ says }) => says)).toContain('The role reads what is needed and nothing that is secret.')
  })

  it('warns of an owner, who reads secrets and may write', async () => {
    expect(notOk(await examine(database.url))).toEqual([
      expect.stringContaining('hint: The database lets forge-pat read more than it needs: passwords'),
      expect.stringContaining('sessions'),
      expect.stringContaining('tokens'),
      expect.stringContaining('platform settings'),
      'hint: The role may write to tables of FlowFuse. forge-pat never does.',
    ])
  })

  it('names a column that may not be read, and a clock that is wrong', async () => {
    const name = new URL(role.url).username
    await database.run(`REVOKE SELECT ("email") ON "Users" FROM ${name}`)

    expect(notOk(await examine(role.url, -120_000))).toEqual([
      'wrong: The column "Users"."email" may not be read.',
      expect.stringMatching(/^wrong: The clock here is 1\d\d seconds behind that of the database of FlowFuse\.$/),
    ])
  })
})
