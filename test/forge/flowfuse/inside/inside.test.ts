import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { join } from 'node:path'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'

import fastify, { type FastifyInstance } from 'fastify'
import { DataTypes, Sequelize } from 'sequelize'
import { expect, it, onTestFinished } from 'vitest'

import { addMenuScript } from '../../../../forge/flowfuse/inside/menu.ts'
import { prepareInside } from '../../../../forge/flowfuse/inside/mount.ts'
import { createIds } from '../../../../forge/flowfuse/ids.ts'
import { createFlowFuseDatabase, PLATFORM_ID } from '../../../support/flowfuse-database.ts'

/** A Fastify 5 application with FlowFuse's decorators, columns, and answers; no FlowFuse. */
async function hostApp() {
  const database = await createFlowFuseDatabase('new', 'sqlite')
  const home = await mkdtemp(join(tmpdir(), 'forge-inside-'))
  const app = fastify({ trustProxy: true })
  onTestFinished(async () => {
    await app.close()
    await database.cleanup()
    await rm(home, { recursive: true, force: true })
  })
  const number = await database.createUser('alice')
  const team = await database.createTeam('line-4')
  const uuid = await database.createInstance(await database.createApplication(team, 'Packaging'), 'packer')
  await database.insertMember(team, number, 30)
  const createdAt = new Date().toISOString()
  await database.insert('AuditLogs', { event: 'account.login', UserId: number, body: '{}', createdAt })

  const ids = createIds(PLATFORM_ID)
  const text = DataTypes.STRING
  const AuditLog = database.db.define(
    'AuditLog',
    { event: text, body: DataTypes.TEXT, entityId: text, entityType: text, UserId: DataTypes.INTEGER },
    { updatedAt: false },
  )
  app.decorate('config', { base_url: 'https://flowfuse.example.com', home, db: { type: 'sqlite' } })
  app.decorate('db', { sequelize: database.db, models: { AuditLog } })
  app.get('/api/v1/user', async ({ headers }, reply) =>
    headers.cookie === 'sid=alice.signature'
      ? { id: ids.user.encode(number), email_verified: true }
      : reply.code(401).send({}),
  )
  app.get('/page', async (_request, reply) => reply.type('text/html').header('etag', '"1"').send('<head></head>'))
  return { app, home, database, instance: ids.instance.encode(uuid, team), number }
}

const MINT = (id: string) => ({
  name: 'a token',
  role: 'member',
  readOnly: false,
  grants: [{ type: 'instance', id }],
  expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
})

it('serves below its path in a FlowFuse of Fastify 5, for whoever has its cookie, and writes into its audit log', async () => {
  const { app, database, instance, number } = await hostApp()
  const inside = await prepareInside(app, { LOG_LEVEL: 'silent' })
  await app.register(inside.plugin)
  const url = await app.listen()

  const mint = (cookie: string) =>
    fetch(`${url}/pat/api/v1/tokens`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: JSON.stringify(MINT(instance)),
    })
  expect((await mint('sid=other.signature')).status).toBe(401)
  expect((await mint('sid=alice.signature')).status).toBe(201)
  expect((await fetch(`${url}/pat/health/ready`)).status).toBe(200)
  expect((await fetch(`${url}/.well-known/oauth-authorization-server/pat`)).status).toBe(200)

  await expect
    .poll(() => database.db.query(`SELECT "UserId", "entityType" FROM "AuditLogs" WHERE "event" = 'user.pat.created'`))
    .toMatchObject([
      expect.arrayContaining([
        { UserId: number, entityType: 'team' },
        { UserId: number, entityType: 'user' },
      ]),
      {},
    ])
})

it('says what a FlowFuse lacks, and which setting is wrong', async () => {
  const { app } = await hostApp()
  await expect(prepareInside(fastify(), {})).rejects.toThrow(/does not know this FlowFuse.*app\.config\.base_url/)
  await expect(prepareInside(app, { FORGE_PAT_PATH: 'pat' })).rejects.toThrow(/^FORGE_PAT_PATH must be/)
  await expect(prepareInside(app, { FORGE_PAT_MENU: 'yes' })).rejects.toThrow(/^FORGE_PAT_MENU must be/)
})

it('leaves nothing of itself behind where its own database cannot be migrated', async () => {
  const { app, home } = await hostApp()
  const storage = join(home, 'forge-pat.db')
  const db = new Sequelize({ dialect: 'sqlite', storage, logging: false })
  await db.query('CREATE TABLE pat_tokens (id INTEGER)')
  await db.close()
  const made: FastifyInstance[] = []
  const closed: FastifyInstance[] = []
  const onApplication = (message: unknown) => {
    const { fastify: ours } = message as { fastify: FastifyInstance }
    made.push(ours)
    ours.addHook('onClose', async () => void closed.push(ours))
  }
  subscribe('fastify.initialization', onApplication)
  onTestFinished(() => void unsubscribe('fastify.initialization', onApplication))

  const inside = prepareInside(app, { LOG_LEVEL: 'silent', FORGE_PAT_DATABASE: `sqlite:${storage}` })
  await expect(inside).rejects.toThrow(/pat_tokens/)
  expect(made).toHaveLength(1)
  expect(closed).toEqual(made)
})

it('adds the script of the menu to pages of FlowFuse, once it is known to be one', async () => {
  const app = fastify()
  let path: string | null = null
  addMenuScript(app, () => path)
  app.get('/page', async (_request, reply) => reply.type('text/html').header('etag', '"1"').send('<head></head>'))

  expect((await app.inject('/page')).body).toBe('<head></head>')
  path = '/pat'
  const page = await app.inject('/page')
  expect(page.body).toBe('<head><script defer src="/pat/flowfuse-menu.js"></script></head>')
  expect(page.headers.etag).toBeUndefined()
  await app.close()
})
