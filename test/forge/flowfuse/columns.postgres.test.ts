import { describe, expect, it, onTestFinished } from 'vitest'

import { findColumnProblems } from '../../../forge/flowfuse/columns.ts'
import { findPlatformId } from '../../../forge/flowfuse/ids.ts'
import { openFlowFuseDatabase } from '../../../forge/flowfuse/open-database.ts'
import { createFlowFuseDatabase } from '../../support/flowfuse-database.ts'
import { createRoleOfDocs } from '../../support/flowfuse-role.ts'
import { hasPostgres } from '../../support/postgres.ts'
import { columnCases } from './columns.cases.ts'

describe.runIf(hasPostgres)('the columns of a FlowFuse on PostgreSQL', () => {
  columnCases('postgres')

  it('can be read by the role of the docs, and nothing that is secret', async () => {
    const flowfuse = await createFlowFuseDatabase('new', 'postgres')
    const role = await createRoleOfDocs(flowfuse.url)
    const db = await openFlowFuseDatabase(role.url)
    onTestFinished(async () => {
      await db.close()
      await role.drop()
      await flowfuse.cleanup()
    })

    expect(await findColumnProblems(db)).toEqual([])
    for (const secret of ['"password" FROM "Users"', '"sid" FROM "Sessions"', '"token" FROM "AccessTokens"']) {
      await expect(db.query(`SELECT ${secret}`)).rejects.toThrow('permission denied')
    }
    await expect(db.query('SELECT * FROM "PlatformSettings"')).rejects.toThrow('permission denied')
    await expect(findPlatformId(db)).rejects.toThrow(/FLOWFUSE_INSTANCE_ID is missing/)

    await flowfuse.run(`REVOKE SELECT ("permissions") ON "TeamMembers" FROM ${new URL(role.url).username}`)
    expect(await findColumnProblems(db)).toEqual([{ table: 'TeamMembers', column: 'permissions', state: 'denied' }])
  })
})
