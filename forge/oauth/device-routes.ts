import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'

import { checkFresh, servePeople } from '../access/session.ts'
import { personBehind } from '../audit/actor.ts'
import { ApiErrorSchema } from '../contract/common.ts'
import { ApproveDeviceSchema, DeviceRequestSchema, UserCodeEntrySchema } from '../contract/device.ts'
import type { Limits } from '../limits/limits.ts'
import { spend } from '../limits/spend.ts'
import { approveDevice, denyDevice, showDeviceRequest, type DeviceDesk } from './decide-device.ts'

const common = { tags: ['Devices'], security: [{ session: [] }] }
const refusals = {
  400: ApiErrorSchema,
  401: ApiErrorSchema,
  403: ApiErrorSchema,
  404: ApiErrorSchema,
  429: ApiErrorSchema,
}

/** What the page does with a code. Browser session only, and the code is never in an address. */
export const deviceRoutes: FastifyPluginAsyncTypebox<DeviceDesk & { limits: Limits }> = async (app, options) => {
  const { store, limits } = options
  servePeople(app, store.directory)

  app.post(
    '/lookup',
    {
      schema: {
        ...common,
        summary: 'See what waits behind a code',
        description: 'Changes nothing. Each code that is entered counts, right or wrong.',
        body: UserCodeEntrySchema,
        response: { 200: DeviceRequestSchema, ...refusals },
      },
    },
    async (request) => showDeviceRequest(options, personBehind(request), request.body.userCode),
  )

  app.post(
    '/approve',
    {
      schema: {
        ...common,
        summary: 'Let the program behind a code have a token',
        description:
          'Checked as for minting, and again when the program comes for it: until then there is no token. ' +
          'Wants a sign-in within the last ten minutes.',
        body: ApproveDeviceSchema,
        response: { 204: Type.Null(), ...refusals },
      },
      preHandler: async (request, reply) => spend(limits.mint, reply, request.owner.userId),
    },
    async (request, reply) => {
      checkFresh(request.owner.authenticatedAt, Date.now())
      await approveDevice(options, personBehind(request), request.body)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/deny',
    {
      schema: {
        ...common,
        summary: 'Send the program behind a code away',
        body: UserCodeEntrySchema,
        response: { 204: Type.Null(), ...refusals },
      },
    },
    async (request, reply) => {
      await denyDevice(options, personBehind(request), request.body.userCode)
      return reply.code(204).send(null)
    },
  )
}
