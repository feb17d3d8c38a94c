import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'

import { ApiErrorSchema, IdSchema, PageQuerySchema } from '../../contract/common.ts'
import { CreateTeamSchema, TeamPageSchema, TeamSchema, UpdateTeamSchema } from '../../contract/host.ts'
import { notFound, refusals } from '../refusals.ts'
import type { HostStore } from '../store.ts'
import { createTeam, deleteTeam, getTeam, listTeams, updateTeam } from './teams.ts'

const tags = ['Teams']
const security = [{ session: [] }]
const TeamParams = Type.Object({ id: IdSchema })

export const teamRoutes: FastifyPluginAsyncTypebox<{ store: HostStore }> = async (app, { store }) => {
  app.get(
    '/',
    {
      schema: {
        tags,
        security,
        summary: 'List my teams',
        description: 'Administrators see every team.',
        querystring: PageQuerySchema,
        response: { 200: TeamPageSchema, ...refusals },
      },
    },
    async (request) => listTeams(store, request.person, request.query),
  )

  app.post(
    '/',
    {
      schema: {
        tags,
        security,
        summary: 'Create a team',
        description: 'Whoever creates it is its owner. Without a slug, one is made from the name.',
        body: CreateTeamSchema,
        response: { 201: TeamSchema, ...refusals, 409: ApiErrorSchema },
      },
    },
    async (request, reply) => reply.code(201).send(await createTeam(store, request.person, request.body)),
  )

  app.get(
    '/:id',
    {
      schema: {
        tags,
        security,
        summary: 'Show a team',
        params: TeamParams,
        response: { 200: TeamSchema, ...notFound },
      },
    },
    async (request) => getTeam(store, request.person, request.params.id),
  )

  app.patch(
    '/:id',
    {
      schema: {
        tags,
        security,
        summary: 'Rename or suspend a team',
        params: TeamParams,
        body: UpdateTeamSchema,
        response: { 200: TeamSchema, ...notFound },
      },
    },
    async (request) => updateTeam(store, request.person, request.params.id, request.body),
  )

  app.delete(
    '/:id',
    {
      schema: {
        tags,
        security,
        summary: 'Remove a team',
        description: 'With its applications and instances.',
        params: TeamParams,
        response: { 204: Type.Null(), ...notFound },
      },
    },
    async (request, reply) => {
      await deleteTeam(store, request.person, request.params.id)
      return reply.code(204).send(null)
    },
  )
}
