import { onTestFinished, expect, it } from 'vitest'

import { createOptionalColumns, findColumnProblems, requireColumns } from '../../../forge/flowfuse/columns.ts'
import { createFlowFuseDirectory } from '../../../forge/flowfuse/directory.ts'
import { openFlowFuseDatabase } from '../../../forge/flowfuse/open-database.ts'
import { createFlowFuseStore } from '../../../forge/flowfuse/store.ts'
import type { Dialect } from '../../support/database.ts'
import { createFlowFuseDatabase, PLATFORM_ID, type FlowFuseColumns } from '../../support/flowfuse-database.ts'

async function open(columns: FlowFuseColumns, dialect: Dialect) {
  const flowfuse = await createFlowFuseDatabase(columns, dialect)
  const db = await openFlowFuseDatabase(flowfuse.url)
  onTestFinished(async () => {
    await db.close()
    await flowfuse.cleanup()
  })
  return { flowfuse, db }
}

export function columnCases(dialect: Dialect): void {
  it.each(['old', 'new'] as const)('has nothing to say against the %s columns', async (columns) => {
    const { db } = await open(columns, dialect)

    expect(await findColumnProblems(db)).toEqual([])
  })

  it('names what is missing, and takes no name for a text', async () => {
    const { flowfuse, db } = await open('new', dialect)
    await flowfuse.run('ALTER TABLE "Projects" DROP COLUMN "url"')
    await flowfuse.run('DROP TABLE "AuditLogs"')

    await expect(requireColumns(db)).rejects.toThrow(
      /"Projects"."url" \(missing\), "AuditLogs"."id" \(missing\).*flowfuse\.md/s,
    )
  })

  it('cannot write', async () => {
    const { db } = await open('new', dialect)

    await expect(db.query(`UPDATE "Users" SET "admin" = "admin"`)).rejects.toThrow(/readonly|read-only/)
  })

  it('finds out that FlowFuse was upgraded meanwhile, and then an override counts', async () => {
    const { flowfuse, db } = await open('old', dialect)
    const clock = { ms: 0 }
    const store = {
      ...createFlowFuseStore(db, PLATFORM_ID, 'https://flowfuse.example.com'),
      optional: createOptionalColumns(db, () => clock.ms),
    }
    const nobody = { sessionUser: async () => null, authenticateInstance: async () => null }
    const directory = createFlowFuseDirectory(store, nobody)
    const [user, team] = [await flowfuse.createUser('alice'), await flowfuse.createTeam('line-4')]
    const application = await flowfuse.createApplication(team, 'Packaging')
    const instance = await flowfuse.createInstance(application, 'packer')
    await flowfuse.insertMember(team, user, 50)
    const look = () => directory.access(store.ids.user.encode(user), store.ids.instance.encode(instance, team))
    expect(await look()).toMatchObject({ teamRoleLevel: 50, overrideLevel: null })

    await flowfuse.run('ALTER TABLE "TeamMembers" ADD COLUMN "permissions" TEXT')
    const permissions = { applications: { [store.ids.bareApplication.encode(application)]: 0 } }
    await flowfuse.run('UPDATE "TeamMembers" SET "permissions" = $1', [JSON.stringify(permissions)])
    clock.ms += 10_000
    expect(await look()).toMatchObject({ teamRoleLevel: 50, overrideLevel: 0 })
  })
}
