import type { FastifyReply, FastifyRequest } from 'fastify'

import type { Caller } from './connection.ts'
import { project, type Wish } from './projection.ts'
import { etagOf, namesVersion, type Resource } from './resources.ts'
import type { Aim, Asking } from './writing.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The provider that asks; set below `/scim/v2`. */
    scimCaller: Caller
  }
}

export function askingOf({ scimCaller, id, ip }: FastifyRequest): Asking {
  return { caller: scimCaller, requestId: id, address: ip }
}

export function aimOf({ params, headers }: FastifyRequest): Aim {
  return { id: (params as { id: string }).id, ifMatch: headers['if-match'] }
}

/** A resource with its version and place; 304 to who has read this version. */
export function answer(
  { method, headers, query }: FastifyRequest,
  reply: FastifyReply,
  { row, resource }: { row: { version: number }; resource: Resource },
) {
  const known = headers['if-none-match']
  void reply.header('etag', etagOf(row))
  if (method === 'GET' && known !== undefined && namesVersion(known, row)) return reply.code(304).send(null)

  const { location } = resource['meta'] as { location: string }
  void reply.header(method === 'POST' ? 'location' : 'content-location', location)
  return reply.send(project(resource, query as Wish))
}
