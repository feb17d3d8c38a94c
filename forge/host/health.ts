import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { Sequelize } from 'sequelize'

import { migrations } from '../../migrations/index.ts'
import type { Changes } from '../changes/changes.ts'
import { ApiErrorSchema } from '../contract/common.ts'
import { ForgeError } from '../errors/forge-error.ts'
import { requireAnswer } from './require-answer.ts'

const tags = ['Health']
const LiveSchema = Type.Object({ status: Type.Literal('ok') })
const ReadySchema = Type.Object({
  status: Type.Unsafe<'ok' | 'degraded'>({
    type: 'string',
    enum: ['ok', 'degraded'],
    description: '`degraded`: every answer is right, and takes longer.',
  }),
  changes: Type.Unsafe<'heard' | 'lost'>({
    type: 'string',
    enum: ['heard', 'lost'],
    description: 'Whether changes in the database are heard of. While they are not, everything is read fresh.',
  }),
})

export interface HealthOptions {
  db: Sequelize
  changes: Pick<Changes, 'healthy'>
}

export const healthRoutes: FastifyPluginAsyncTypebox<HealthOptions> = async (app, { db, changes }) => {
  app.get(
    '/live',
    {
      schema: {
        tags,
        security: [],
        summary: 'Whether the process answers',
        response: { 200: LiveSchema },
      },
    },
    async () => ({ status: 'ok' as const }),
  )

  app.get(
    '/ready',
    {
      schema: {
        tags,
        security: [],
        summary: 'Whether requests can be served',
        description:
          'Asks the database, and answers within seconds. 503 when it does not answer, or lacks what this version ' +
          'migrates.',
        response: { 200: ReadySchema, 503: ApiErrorSchema },
      },
    },
    async () => {
      await requireDatabase(db)
      return changes.healthy
        ? { status: 'ok' as const, changes: 'heard' as const }
        : { status: 'degraded' as const, changes: 'lost' as const }
    },
  )
}

/** @throws {ForgeError} unavailable */
async function requireDatabase(db: Sequelize): Promise<void> {
  const done = await requireAnswer<{ name: string }>(db, 'SELECT name FROM migrations', 'The database')
  const names = new Set(done.map(({ name }) => name))
  const missing = migrations.map(({ name }) => name).filter((name) => !names.has(name))
  if (missing.length === 0) return

  const cause = new Error(`not migrated: ${missing.join(', ')}`)
  throw new ForgeError('unavailable', 'The database is older than this forge.', { cause, retryAfterSeconds: 5 })
}
