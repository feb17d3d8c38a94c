import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'

import { IdSchema } from '../../contract/common.ts'
import {
  CreateInstanceSchema,
  InstancePageSchema,
  InstanceSchema,
  IssuedCredentialSchema,
  UpdateInstanceSchema,
} from '../../contract/host.ts'
import { TeamPageQuerySchema } from '../page.ts'
import { notFound } from '../refusals.ts'
import type { HostStore } from '../store.ts'
import type { Credentials } from './credentials.ts'
import { createInstance, deleteInstance, getInstance, listInstances, updateInstance } from './instances.ts'

export interface InstanceRoutesOptions {
  store: HostStore
  credentials: Credentials
}

const tags = ['Instances']
const security = [{ session: [] }]
const InstanceParams = Type.Object({ id: IdSchema })

export const instanceRoutes: FastifyPluginAsyncTypebox<InstanceRoutesOptions> = async (app, { store, credentials }) => {
  app.get(
    '/',
    {
      schema: {
        tags,
        security,
        summary: 'List instances',
        description: 'Those of applications in which the caller has a role. Administrators see all.',
        querystring: TeamPageQuerySchema,
        response: { 200: InstancePageSchema, ...notFound },
      },
    },
    async (request) => listInstances(store, request.person, request.query),
  )

  app.post(
    '/',
    {
      schema: {
        tags,
        security,
        summary: 'Register an instance',
        body: CreateInstanceSchema,
        response: { 201: InstanceSchema, ...notFound },
      },
    },
    async (request, reply) => reply.code(201).send(await createInstance(store, request.person, request.body)),
  )

  app.get(
    '/:id',
    {
      schema: {
        tags,
        security,
        summary: 'Show an instance',
        params: InstanceParams,
        response: { 200: InstanceSchema, ...notFound },
      },
    },
    async (request) => getInstance(store, request.person, request.params.id),
  )

  app.patch(
    '/:id',
    {
      schema: {
        tags,
        security,
        summary: 'Change an instance',
        params: InstanceParams,
        body: UpdateInstanceSchema,
        response: { 200: InstanceSchema, ...notFound },
      },
    },
    async (request) => updateInstance(store, request.person, request.params.id, request.body),
  )

  app.delete(
    '/:id',
    {
      schema: {
        tags,
        security,
        summary: 'Remove an instance',
        description: 'Its credential ends with it.',
        params: InstanceParams,
        response: { 204: Type.Null(), ...notFound },
      },
    },
    async (request, reply) => {
      await deleteInstance(store, request.person, request.params.id)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/:id/credentials',
    {
      schema: {
        tags,
        security,
        summary: "Issue the instance's credential",
        description: 'The answer is the only one that holds it. The one before ends at once.',
        params: InstanceParams,
        response: { 201: IssuedCredentialSchema, ...notFound },
      },
    },
    async (request, reply) => reply.code(201).send(await credentials.issue(request.person, request.params.id)),
  )
}
