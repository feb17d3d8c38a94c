import type { IncomingMessage, ServerResponse } from 'node:http'
import { posix } from 'node:path'

import type { AuthInfo } from '@modelcontextprotocol/server'

export type Next = (error?: unknown) => void

export type Handler = (request: InstanceRequest, response: ServerResponse, next: Next) => void
export type ErrorHandler = (error: unknown, request: InstanceRequest, response: ServerResponse, next: Next) => void

/** Connect's two kinds of middleware; the one with four parameters gets errors. */
export type ConnectMiddleware = Handler | ErrorHandler

/** One handler, or a chain as Node-RED's `httpNodeMiddleware` takes it. */
export type Fallback = Handler | readonly ConnectMiddleware[]

/** A request as Connect, Express and Node-RED hand it on. */
export interface InstanceRequest extends IncomingMessage {
  /** The URL before a router took its mount path off. */
  originalUrl?: string
  /** Express's view of the caller's address, by its `trust proxy`. */
  ip?: string | undefined
  user?: unknown
  session?: unknown
  sessionID?: unknown
  auth?: AuthInfo
  /** What a body parser has read. */
  body?: unknown
}

/** Runs a chain of middleware in front of `next`, as Express does: an error skips to the next error handler. */
export function runChain(
  chain: readonly ConnectMiddleware[],
  request: InstanceRequest,
  response: ServerResponse,
  next: Next,
): void {
  const step = (index: number, error?: unknown): void => {
    const middleware = chain[index]
    if (!middleware) return next(error)

    const proceed: Next = (nextError) => step(index + 1, nextError)
    try {
      if (takesErrors(middleware)) return error == null ? proceed() : middleware(error, request, response, proceed)
      return error == null ? middleware(request, response, proceed) : proceed(error)
    } catch (thrown) {
      return proceed(thrown)
    }
  }
  step(0)
}

function takesErrors(middleware: ConnectMiddleware): middleware is ErrorHandler {
  return middleware.length === 4
}

/**
 * Every path that some router may take the request for: as it stands, and decoded, without dot segments and empty ones,
 * the way that we read it and the way that the URL standard does, to which `//host/mcp` is `/mcp`.
 */
export function requestReadings(request: InstanceRequest): string[] {
  const target = request.originalUrl ?? request.url ?? '/'
  const path = pathOf(target)
  const url = URL.canParse(target, 'http://instance') ? new URL(target, 'http://instance').pathname : path
  return [path, resolved(path), resolved(url)]
}

function resolved(path: string): string {
  return posix.normalize(decoded(path).replaceAll('\\', '/'))
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path // Bytes that are no text are no path of a server either.
  }
}

/** The path that the client asked for, without its query; absolute-form targets (RFC 9112 section 3.2.2) included. */
export function requestPath(request: InstanceRequest): string {
  return pathOf(request.originalUrl ?? request.url ?? '/')
}

/**
 * A host of characters that parsers of URLs disagree about, or none, is not taken off: what is left would be another
 * path than the router's.
 * @param target a request target: path with query, or a whole URL
 */
export function pathOf(target: string): string {
  const path = target.startsWith('/') ? target : target.replace(/^[a-z][a-z\d+.-]*:\/\/[\w.:[\]-]+(?=[/?#]|$)/i, '')
  const end = path.search(/[?#]/)
  return (end < 0 ? path : path.slice(0, end)) || '/'
}

/** A path as routers compare it: in lower case, without a trailing slash. More than one makes it another path. */
export function routeKey(path: string): string {
  const key = path.toLowerCase()
  return (key.endsWith('/') ? key.slice(0, -1) : key) || '/'
}
