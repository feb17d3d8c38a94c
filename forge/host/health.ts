import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { Sequelize } from 'sequelize'

import { ApiErrorSchema } from '../contract/common.ts'
import { ForgeError } from '../errors/forge-error.ts'

/** A database that takes longer to answer a question about nothing is not fit for work. */
const PATIENCE_MS = 2_000

const tags = ['Health']
const HealthSchema = Type.Object({ status: Type.Literal('ok') })

export const healthRoutes: FastifyPluginAsyncTypebox<{ db: Sequelize }> = async (app, { db }) => {
  app.get(
    '/live',
    {
      schema: {
        tags,
        security: [],
        summary: 'Whether the process answers',
        response: { 200: HealthSchema },
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
        description: 'Asks the database.',
        response: { 200: HealthSchema, 503: ApiErrorSchema },
      },
    },
    async () => {
      await askDatabase(db)
      return { status: 'ok' as const }
    },
  )
}

/** @throws {ForgeError} unavailable */
async function askDatabase(db: Sequelize): Promise<void> {
  const waiting = new AbortController()
  const tooLong = new Promise<never>((_resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS)
    waiting.signal.addEventListener('abort', () => clearTimeout(timer))
  })

  try {
    await Promise.race([db.query('SELECT 1'), tooLong])
  } catch (cause) {
    throw new ForgeError('unavailable', 'The database does not answer.', { cause, retryAfterSeconds: 5 })
  } finally {
    waiting.abort()
  }
}
