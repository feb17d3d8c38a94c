import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'

import { LRUCache } from 'lru-cache'

import { callerOf } from '../caller.ts'
import type { InstanceRequest } from '../connect.ts'

/** Who has opened which session of an MCP server of the older era. */
export interface SessionOwners {
  /** False for the session of another person. Remembers who opens one with this request. */
  admit(request: InstanceRequest, response: ServerResponse): boolean
}

const HEADER = 'mcp-session-id'
const MAX_SESSIONS = 10_000

/**
 * Servers look sessions up by their id alone, and whoever has one could read along or end it. So it is bound to the
 * person (MCP, security best practices, session hijacking). What was opened before this process is for its server to
 * know.
 */
export function createSessionOwners(): SessionOwners {
  const owners = new LRUCache<string, string>({ max: MAX_SESSIONS })

  return {
    admit: (request, response) => {
      const presented = request.headers[HEADER]
      if (presented === undefined && request.method !== 'POST') return true

      const userId = callerOf(request)?.user.userId
      if (userId === undefined) return true
      if (presented !== undefined && (owners.get(keyOf(String(presented))) ?? userId) !== userId) return false

      // Whoever presents one may be given another; the one that is presented is named in its answers too.
      if (request.method === 'POST')
        onSessionNamed(response, (id) => {
          if (id !== presented) owners.set(keyOf(id), userId)
        })
      return true
    },
  }
}

/** An id opens something, so it is no key of a map. */
function keyOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url')
}

function onSessionNamed(response: ServerResponse, remember: (id: string) => void): void {
  const writeHead = response.writeHead.bind(response) as (status: number, ...rest: unknown[]) => ServerResponse
  const watched = (status: number, ...rest: unknown[]) => {
    const id = response.getHeader(HEADER) ?? headerIn(rest.at(-1))
    if (typeof id === 'string') remember(id)
    return writeHead(status, ...rest)
  }
  Object.assign(response, { writeHead: watched })
}

/** Headers of `writeHead`: an object, or names and values by turns. */
function headerIn(headers: unknown): unknown {
  if (typeof headers !== 'object' || headers === null) return undefined
  const pairs = Array.isArray(headers)
    ? headers.flatMap((name: unknown, index) => (index % 2 === 0 ? [[name, headers[index + 1]] as const] : []))
    : Object.entries(headers)
  return pairs.find(([name]) => String(name).toLowerCase() === HEADER)?.[1]
}
