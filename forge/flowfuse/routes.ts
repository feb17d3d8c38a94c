import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'

import { withoutSession } from '../access/session.ts'
import { IdSchema, PageQuerySchema } from '../contract/common.ts'
import {
  ApplicationPageSchema,
  InstancePageSchema,
  MemberPageSchema,
  OwnUserSchema,
  TeamPageSchema,
  TeamSchema,
} from '../contract/host.ts'
import { TeamPageQuerySchema } from '../host/page.ts'
import { notFound, refusals } from '../host/refusals.ts'
import { getTeam, listApplications, listInstances, listTeamMembers, listTeams } from './lists.ts'
import type { FlowFusePerson, FlowFuseSessions } from './sessions.ts'
import type { FlowFuseStore } from './store.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is signed in at FlowFuse; set for every route of this file. */
    flowfusePerson: FlowFusePerson
  }
}

const security = [{ session: [] }]
const TeamParams = Type.Object({ id: IdSchema })

export interface FlowFuseRoutesOptions {
  store: FlowFuseStore
  sessions: FlowFuseSessions
}

/** What the pages ask of the host, at the same addresses as our own host has. Nothing can be changed here. */
export const flowFuseRoutes: FastifyPluginAsyncTypebox<FlowFuseRoutesOptions> = async (app, { store, sessions }) => {
  app.addHook('onRequest', async (request: FastifyRequest) => {
    const person = await sessions.personOf(request)
    if (!person) throw withoutSession(request)
    request.flowfusePerson = person
  })

  app.get(
    '/user',
    {
      schema: {
        tags: ['Account'],
        security,
        summary: 'Who is signed in',
        response: { 200: OwnUserSchema, ...refusals },
      },
    },
    async ({ flowfusePerson: { userId: id, username, name, email, admin, createdAt } }) => ({
      ...{ id, username, name, email, admin, createdAt },
      suspended: false,
      provider: null,
    }),
  )

  app.get(
    '/teams',
    {
      schema: {
        tags: ['Teams'],
        security,
        summary: 'List my teams',
        querystring: PageQuerySchema,
        response: { 200: TeamPageSchema, ...refusals },
      },
    },
    async ({ flowfusePerson, query }) => listTeams(store, flowfusePerson.userId, query),
  )

  app.get(
    '/teams/:id',
    {
      schema: {
        tags: ['Teams'],
        security,
        summary: 'Show a team',
        params: TeamParams,
        response: { 200: TeamSchema, ...notFound },
      },
    },
    async ({ flowfusePerson, params }) => getTeam(store, flowfusePerson.userId, params.id),
  )

  app.get(
    '/teams/:id/members',
    {
      schema: {
        tags: ['Members'],
        security,
        summary: 'List the members of a team',
        params: TeamParams,
        querystring: PageQuerySchema,
        response: { 200: MemberPageSchema, ...notFound },
      },
    },
    async ({ flowfusePerson, params, query }) => listTeamMembers(store, flowfusePerson.userId, params.id, query),
  )

  app.get(
    '/applications',
    {
      schema: {
        tags: ['Applications'],
        security,
        summary: 'List the applications of a team',
        querystring: TeamPageQuerySchema,
        response: { 200: ApplicationPageSchema, ...notFound },
      },
    },
    async ({ flowfusePerson, query }) => listApplications(store, flowfusePerson.userId, query),
  )

  app.get(
    '/instances',
    {
      schema: {
        tags: ['Instances'],
        security,
        summary: 'List the instances of a team',
        querystring: TeamPageQuerySchema,
        response: { 200: InstancePageSchema, ...notFound },
      },
    },
    async ({ flowfusePerson, query }) => listInstances(store, flowfusePerson.userId, query),
  )
}
