import { createHash } from 'node:crypto'

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type Static } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'

import { ForgeError } from '../errors/forge-error.ts'
import { renderApiError } from '../errors/render.ts'
import { strictValidator } from '../errors/validation.ts'
import { addressKey } from '../limits/address-key.ts'
import type { Limits } from '../limits/limits.ts'
import { spend } from '../limits/spend.ts'
import { createGithubKeys, type GithubAlertOptions, type GithubKeys } from './github-keys.ts'
import type { LeakReports } from './reports.ts'

/** One message may hold many matches. */
const BODY_LIMIT_BYTES = 1024 * 1024

/** What GitHub found. Fields that it may add are no business of ours. */
const AlertsSchema = Type.Array(
  Type.Object({ token: Type.String(), type: Type.String(), url: Type.Optional(Type.String()) }),
)

/** What it learns: whether each match was a token of ours. Its hash names it, so that no answer holds a token. */
const VerdictsSchema = Type.Array(
  Type.Object({
    token_hash: Type.String(),
    token_type: Type.String(),
    label: Type.Union([Type.Literal('true_positive'), Type.Literal('false_positive')]),
  }),
)

export interface GithubRoutesOptions {
  reports: LeakReports
  limits: Limits
  alerts: GithubAlertOptions
}

/** GitHub's secret scanning partner programme: what it finds in public is revoked, and it is told what was real. */
export const githubRoutes: FastifyPluginAsyncTypebox<GithubRoutesOptions> = async (
  app,
  { reports, limits, alerts },
) => {
  const keys = createGithubKeys(alerts)
  app.setValidatorCompiler(strictValidator)
  app.setErrorHandler(renderApiError)

  // The signature is over the bytes as they came, so they are read only once it has been checked.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  app.addHook('preValidation', async (request, reply) => {
    if (!(await isSigned(keys, request))) {
      spend(limits.leakReport, reply, addressKey(request.ip))
      throw new ForgeError('invalid_signature', 'This alert is not signed by a key of GitHub.')
    }
    request.body = parseJson(request.body as Buffer)
  })

  app.post(
    '/credentials/github-alerts',
    {
      bodyLimit: BODY_LIMIT_BYTES,
      schema: { hide: true, body: AlertsSchema, response: { 200: VerdictsSchema } },
    },
    async (request) => judge(reports, request.body),
  )
}

/** @throws {ForgeError} unavailable */
async function isSigned(keys: GithubKeys, { headers, body }: FastifyRequest): Promise<boolean> {
  const keyId = headers['github-public-key-identifier']
  const signature = headers['github-public-key-signature']
  if (typeof keyId !== 'string' || typeof signature !== 'string' || !Buffer.isBuffer(body)) return false

  return keys.hasSigned({ payload: body, keyId, signature })
}

/** @throws {ForgeError} invalid_request */
function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw new ForgeError('invalid_request', 'The request could not be read. Its body must be well-formed.')
  }
}

/** One after the other: an alert that comes again finds its tokens revoked, and is answered as before. */
async function judge(
  reports: LeakReports,
  alerts: Static<typeof AlertsSchema>,
): Promise<Static<typeof VerdictsSchema>> {
  const verdicts: Static<typeof VerdictsSchema> = []
  for (const { token, type, url } of alerts) {
    const real = await reports.handle(token, { type: 'github', url: url || null })
    verdicts.push({
      token_hash: createHash('sha256').update(token).digest('hex'),
      token_type: type,
      label: real ? 'true_positive' : 'false_positive',
    })
  }
  return verdicts
}
