import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'

import { ApiErrorSchema } from '../contract/common.ts'
import { LeakReportAnswerSchema, LeakReportSchema } from '../contract/leak.ts'
import { renderApiError } from '../errors/render.ts'
import { strictValidator } from '../errors/validation.ts'
import type { Limits } from '../limits/limits.ts'
import { limitByAddress } from '../limits/spend.ts'
import type { LeakReports } from './reports.ts'

export interface LeakRoutesOptions {
  reports: LeakReports
  limits: Limits
}

const ACCEPTED = { accepted: true } as const

/** For whoever finds tokens where they should not be: nobody has to sign in to do good. */
export const leakRoutes: FastifyPluginAsyncTypebox<LeakRoutesOptions> = async (app, { reports, limits }) => {
  app.setValidatorCompiler(strictValidator)
  app.setErrorHandler(renderApiError)
  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'))
  app.addHook('onRequest', limitByAddress(limits.leakReport))

  app.post(
    '/credentials/revoke',
    {
      schema: {
        tags: ['Tokens'],
        security: [],
        summary: 'Report tokens that leaked',
        description:
          'Needs no sign-in: whoever has the text of a token may end it. Those that are alive are revoked, and their ' +
          'owners are told. The answer is the same for every text, so that it tells nobody which were tokens.',
        body: LeakReportSchema,
        response: {
          202: LeakReportAnswerSchema,
          400: ApiErrorSchema,
          403: ApiErrorSchema,
          429: ApiErrorSchema,
          503: ApiErrorSchema,
        },
      },
    },
    async (request, reply) => {
      await reports.accept(request.body.tokens, { type: 'holder', requestId: request.id, address: request.ip })
      return reply.code(202).send(ACCEPTED)
    },
  )
}
