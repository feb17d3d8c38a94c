import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { TSchema } from '@sinclair/typebox'
import type { FastifyInstance, FastifySchema } from 'fastify'

import * as contract from '../contract/index.ts'

/**
 * OpenAPI 3 of every route that is registered after this, read from the schemas that the routes validate with.
 * @param baseUrl the address at which this forge is used
 */
export async function documentRoutes(app: FastifyInstance, baseUrl: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'forge-pat',
        version: '1.0.0',
        description:
          'Personal access tokens for a forge that hosts Node-RED instances. Refusals below /api and /account are ' +
          '`{ code, error }`: the code for programs, the error for people. Those below /oauth are as RFC 6749 has them.',
      },
      servers: [{ url: baseUrl }],
      tags: [
        { name: 'Tokens', description: 'Personal access tokens. Only a browser session manages them.' },
        { name: 'Audit', description: 'What was done with tokens, for the people concerned.' },
        { name: 'Notices', description: 'What the forge has told the signed-in person.' },
        { name: 'Oversight', description: 'What the owners of a team see and decide of tokens that reach it.' },
        { name: 'Tools', description: 'The MCP tools of instances, and who may call them.' },
        { name: 'Instance', description: 'What an instance hears, with its own credential.' },
        { name: 'OAuth', description: 'What instances ask, with their own credential.' },
        { name: 'Devices', description: 'Programs without a browser, let in by a code.' },
        { name: 'Account', description: 'Setting up, signing in, and oneself.' },
        { name: 'Single sign-on', description: 'Identity providers, and signing in through them.' },
        { name: 'SCIM', description: 'What identity providers tell of people and groups (RFC 7644).' },
        { name: 'Users', description: "Everybody's accounts, for administrators." },
        { name: 'Teams', description: 'Who works together.' },
        { name: 'Members', description: 'Who is in a team, with which role where.' },
        { name: 'Applications', description: 'What groups the instances of a team.' },
        { name: 'Instances', description: 'What tokens reach.' },
        { name: 'Health', description: 'For what watches over the process.' },
      ],
      components: {
        schemas: namedSchemas(),
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: 'sid', description: 'A browser session.' },
          accessToken: { type: 'http', scheme: 'bearer', description: 'The token itself, `ffpat_…`.' },
          instanceBearer: { type: 'http', scheme: 'bearer', description: "An instance's `fft_` credential." },
          instanceBasic: { type: 'http', scheme: 'basic', description: "An instance's id and its `fft_` credential." },
          metricsToken: { type: 'http', scheme: 'bearer', description: 'What `METRICS_TOKEN` says.' },
          scimToken: { type: 'http', scheme: 'bearer', description: 'The `ffscim_` token of an identity provider.' },
        },
      },
    },
    transform: ({ schema, url }) => ({ schema: withReferences(schema), url }),
  })
  // The page needs nothing that the strict headers of all pages forbid.
  await app.register(swaggerUi, { routePrefix: '/api/documentation' })
}

/** What each status means, wherever it is answered; the schema's own description would say the same of all refusals. */
const MEANINGS: Record<string, string> = {
  200: 'Done.',
  201: 'Created.',
  202: 'Taken; it is looked at later.',
  204: 'Done; there is nothing to say.',
  304: 'Nothing has changed since the `ETag` that was sent.',
  400: 'The request is not as the schema says.',
  401: 'Nobody is signed in, or the credential is wrong.',
  403: 'Not allowed to this person, or not from where the request came.',
  404: 'It does not exist, or is out of the sight of this person.',
  409: 'It contradicts what is there.',
  412: 'What `If-Match` names is not what is there.',
  413: 'The request is too large.',
  415: 'The content type is not understood.',
  429: 'Too many attempts; `Retry-After` says when to try again.',
  503: 'Not possible at this moment; `Retry-After` says when to try again.',
}

/**
 * Routes hold whole schemas, because their types and their validation come from them. In the document each named one
 * stands once, and whatever holds it points there.
 */
function withReferences({ body, response, ...rest }: FastifySchema): FastifySchema {
  const answers = Object.entries((response ?? {}) as Record<string, object>)

  return {
    ...rest,
    ...(body === undefined ? {} : { body: pointing(body) }),
    ...(response === undefined ? {} : { response: Object.fromEntries(answers.map(describeAnswer)) }),
  }
}

function describeAnswer([status, schema]: [string, object]): [string, object] {
  const description = MEANINGS[status]
  return [status, { ...pointing(schema), ...(description === undefined ? {} : { description }) }]
}

/** What bodies and answers are made of, by name. */
function namedSchemas(): Record<string, TSchema> {
  const named = Object.values<unknown>(contract).filter(isNamed)
  return Object.fromEntries(named.map(({ $id, ...schema }) => [$id, pointing<TSchema>(schema)]))
}

/** The schema, with a reference in the place of each named one in it. */
function pointing<Schema>(schema: Schema): Schema {
  if (isNamed(schema)) return { $ref: `#/components/schemas/${schema.$id}` } as Schema
  if (Array.isArray(schema)) return schema.map(pointing) as Schema
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, pointing<unknown>(value)])) as Schema
}

function isNamed(value: unknown): value is TSchema & { $id: string } {
  return typeof value === 'object' && value !== null && '$id' in value && typeof value.$id === 'string'
}
