import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'

import { IdSchema } from '../../contract/common.ts'
import {
  ApplicationPageSchema,
  ApplicationSchema,
  CreateApplicationSchema,
  UpdateApplicationSchema,
} from '../../contract/host.ts'
import { TeamPageQuerySchema } from '../page.ts'
import { notFound } from '../refusals.ts'
import type { HostStore } from '../store.ts'
import {
  createApplication,
  deleteApplication,
  getApplication,
  listApplications,
  updateApplication,
} from './applications.ts'

const tags = ['Applications']
const security = [{ session: [] }]
const ApplicationParams = Type.Object({ id: IdSchema })

export const applicationRoutes: FastifyPluginAsyncTypebox<{ store: HostStore }> = async (app, { store }) => {
  app.get(
    '/',
    {
      schema: {
        tags,
        security,
        summary: 'List applications',
        description: 'Those in which the caller has a role. Administrators see all.',
        querystring: TeamPageQuerySchema,
        response: { 200: ApplicationPageSchema, ...notFound },
      },
    },
    async (request) => listApplications(store, request.person, request.query),
  )

  app.post(
    '/',
    {
      schema: {
        tags,
        security,
        summary: 'Create an application',
        body: CreateApplicationSchema,
        response: { 201: ApplicationSchema, ...notFound },
      },
    },
    async (request, reply) => reply.code(201).send(await createApplication(store, request.person, request.body)),
  )

  app.get(
    '/:id',
    {
      schema: {
        tags,
        security,
        summary: 'Show an application',
        params: ApplicationParams,
        response: { 200: ApplicationSchema, ...notFound },
      },
    },
    async (request) => getApplication(store, request.person, request.params.id),
  )

  app.patch(
    '/:id',
    {
      schema: {
        tags,
        security,
        summary: 'Rename an application',
        params: ApplicationParams,
        body: UpdateApplicationSchema,
        response: { 200: ApplicationSchema, ...notFound },
      },
    },
    async (request) => updateApplication(store, request.person, request.params.id, request.body),
  )

  app.delete(
    '/:id',
    {
      schema: {
        tags,
        security,
        summary: 'Remove an application',
        description: 'With its instances.',
        params: ApplicationParams,
        response: { 204: Type.Null(), ...notFound },
      },
    },
    async (request, reply) => {
      await deleteApplication(store, request.person, request.params.id)
      return reply.code(204).send(null)
    },
  )
}
