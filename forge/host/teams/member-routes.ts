import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'

import { IdSchema, PageQuerySchema } from '../../contract/common.ts'
import {
  AddMemberSchema,
  MemberPageSchema,
  MemberSchema,
  SetOverrideSchema,
  SetRoleSchema,
} from '../../contract/host.ts'
import { conflict, notFound } from '../refusals.ts'
import type { HostStore } from '../store.ts'
import { addMember, listMembers, removeMember, removeOverride, setOverride, setRole } from './members.ts'

const tags = ['Members']
const security = [{ session: [] }]
const TeamParams = Type.Object({ teamId: IdSchema })
const MemberParams = Type.Object({ teamId: IdSchema, userId: IdSchema })
const OverrideParams = Type.Object({ teamId: IdSchema, userId: IdSchema, applicationId: IdSchema })

/** Below `/teams/:teamId/members`. */
export const memberRoutes: FastifyPluginAsyncTypebox<{ store: HostStore }> = async (app, { store }) => {
  app.get(
    '/',
    {
      schema: {
        tags,
        security,
        summary: 'List the members of a team',
        params: TeamParams,
        querystring: PageQuerySchema,
        response: { 200: MemberPageSchema, ...notFound },
      },
    },
    async (request) => listMembers(store, request.person, request.params.teamId, request.query),
  )

  app.post(
    '/',
    {
      schema: {
        tags,
        security,
        summary: 'Add a member',
        description: 'An existing user, by user name or e-mail address.',
        params: TeamParams,
        body: AddMemberSchema,
        response: { 201: MemberSchema, ...conflict },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await addMember(store, request.person, request.params.teamId, request.body)),
  )

  app.patch(
    '/:userId',
    {
      schema: {
        tags,
        security,
        summary: "Change a member's role",
        description: 'Their tokens follow at once: a token is never worth more than its person.',
        params: MemberParams,
        body: SetRoleSchema,
        response: { 200: MemberSchema, ...conflict },
      },
    },
    async (request) => setRole(store, request.person, request.params, request.body.role),
  )

  app.delete(
    '/:userId',
    {
      schema: {
        tags,
        security,
        summary: 'Remove a member',
        description: 'Owners remove anybody; everybody may leave by themselves.',
        params: MemberParams,
        response: { 204: Type.Null(), ...conflict },
      },
    },
    async (request, reply) => {
      await removeMember(store, request.person, request.params)
      return reply.code(204).send(null)
    },
  )

  app.put(
    '/:userId/overrides/:applicationId',
    {
      schema: {
        tags,
        security,
        summary: "Override a member's role in one application",
        description: 'Replaces the team role there, up or down; `none` shuts the member out of it.',
        params: OverrideParams,
        body: SetOverrideSchema,
        response: { 200: MemberSchema, ...notFound },
      },
    },
    async (request) => setOverride(store, request.person, request.params, request.body.role),
  )

  app.delete(
    '/:userId/overrides/:applicationId',
    {
      schema: {
        tags,
        security,
        summary: 'Remove an override',
        description: 'The team role counts again.',
        params: OverrideParams,
        response: { 204: Type.Null(), ...notFound },
      },
    },
    async (request, reply) => {
      await removeOverride(store, request.person, request.params)
      return reply.code(204).send(null)
    },
  )
}
