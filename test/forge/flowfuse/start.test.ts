import { join } from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { readSidecarConfig } from '../../../forge/flowfuse/config.ts'
import { startSidecar } from '../../../forge/flowfuse/start.ts'
import { createSqliteFile } from '../../support/database.ts'
import { createFlowFuseDatabase } from '../../support/flowfuse-database.ts'
import { startFlowFuseServer } from '../../support/flowfuse-server.ts'
import { freePort } from '../../support/forge.ts'

async function surroundings() {
  const database = await createFlowFuseDatabase('old', 'sqlite')
  const flowfuse = await startFlowFuseServer()
  const own = await createSqliteFile()
  onTestFinished(async () => {
    await flowfuse.close()
    await own.drop()
    await database.cleanup()
  })
  const port = String(await freePort())
  const config = readSidecarConfig({
    BASE_URL: `http://127.0.0.1:${port}/pat`,
    PORT: port,
    DATABASE_URL: own.url,
    FLOWFUSE_URL: flowfuse.url,
    FLOWFUSE_DATABASE: database.url,
    LOG_LEVEL: 'silent',
  })
  return { config, database, flowfuse }
}

describe('startSidecar', () => {
  it('serves below its path, on an empty database of its own', async () => {
    const { config } = await surroundings()
    const sidecar = await startSidecar(config)
    onTestFinished(() => sidecar.close())

    expect((await fetch(`${config.baseUrl}/health/ready`)).status).toBe(200)
    const discovery = new URL('/.well-known/oauth-authorization-server/pat', config.baseUrl)
    expect(await (await fetch(discovery)).json()).toMatchObject({ issuer: config.baseUrl })
  })

  it('starts while FlowFuse is down, and is not ready then', async () => {
    const { config, flowfuse } = await surroundings()
    flowfuse.instead = { status: 502, body: '' }
    const sidecar = await startSidecar(config)
    onTestFinished(() => sidecar.close())

    expect((await fetch(`${config.baseUrl}/health/ready`)).status).toBe(503)
    flowfuse.instead = null
    expect((await fetch(`${config.baseUrl}/health/ready`)).status).toBe(200)
  })

  it('says why it cannot start', async () => {
    const { config, database } = await surroundings()
    const start = (changes: Partial<typeof config>) => startSidecar({ ...config, ...changes })

    const nowhere = `sqlite:${join('/nowhere', 'forge.db')}`
    await expect(start({ flowfuseDatabaseUrl: nowhere })).rejects.toThrow(/^FLOWFUSE_DATABASE names .*does not exist/)
    await expect(start({ flowfuseDatabaseUrl: config.databaseUrl.replace('forge.db', 'x') })).rejects.toThrow()
    await database.run('DELETE FROM "PlatformSettings"')
    await expect(start({})).rejects.toThrow(/^FLOWFUSE_INSTANCE_ID is missing/)
    await database.run('DROP TABLE "TeamMembers"')
    await expect(start({})).rejects.toThrow(/"TeamMembers"."role" \(missing\)/)
  })
})
