import type { ServerResponse } from 'node:http'

import { callerOf } from '../caller.ts'
import { pathOf, routeKey, runChain, type Handler, type InstanceRequest } from '../connect.ts'
import { chainOf, guardOf } from './guard.ts'
import type { HttpNode, Red } from './red.ts'

type Serve = (request: InstanceRequest, response: ServerResponse) => void

/** Which MCP server answers at which path of the flows. */
export interface Dispatcher {
  /** False when another server has the path already. */
  add(path: string, serve: Serve): boolean
  remove(path: string): void
}

const dispatchers = new WeakMap<HttpNode, Dispatcher>()

/**
 * The one dispatcher of a Node-RED. It is mounted once and looks paths up, so that a redeploy leaves nothing behind in
 * Express. Like `http in`, it runs the host's own middleware in front of what it serves.
 */
export function dispatcherOf(RED: Red, httpNode: HttpNode): Dispatcher {
  const known = dispatchers.get(httpNode)
  if (known) return known

  const servers = new Map<string, Serve>()
  const dispatcher = createDispatcher(RED, servers)
  dispatchers.set(httpNode, dispatcher)
  httpNode.use(dispatch(RED, servers))
  return dispatcher
}

function createDispatcher(RED: Red, servers: Map<string, Serve>): Dispatcher {
  return {
    add: (path, serve) => {
      const key = routeKey(path)
      if (servers.has(key)) return false

      servers.set(key, serve)
      guardOf(RED)?.mcpPaths.add(key)
      guardOf(RED)?.gatedPaths.add(key)
      return true
    },
    remove: (path) => {
      const key = routeKey(path)
      servers.delete(key)
      guardOf(RED)?.mcpPaths.delete(key)
      guardOf(RED)?.gatedPaths.delete(key)
    },
  }
}

function dispatch({ settings }: Red, servers: ReadonlyMap<string, Serve>): Handler {
  const hostMiddleware = chainOf(settings.httpNodeMiddleware)

  return (request, response, next) => {
    const serve = servers.get(routeKey(pathOf(request.url ?? '/')))
    if (!serve) return next()
    // A check of the host's own would look for the credential that is gone by now.
    if (callerOf(request)) return serve(request, response)

    runChain(hostMiddleware, request, response, (error) => (error ? next(error) : serve(request, response)))
  }
}
