import type { ServerResponse } from 'node:http'

import { SCOPES } from '../forge/contract/introspection.ts'
import { readCredential, type Credential } from './authorization.ts'
import { callerOf, identify } from './caller.ts'
import { requestPath, runChain, type Handler, type InstanceRequest } from './connect.ts'
import { inspectBody } from './mcp/inspect-body.ts'
import { inspectedPath, isMcpPath } from './mcp/mcp-paths.ts'
import { rememberAnswer } from './mcp/scope-challenge.ts'
import { createSessionOwners } from './mcp/session-owners.ts'
import { ForgeUnavailableError } from './forge-api.ts'
import { createForgeLink, type ForgeLink } from './forge-link.ts'
import { holdToken } from './held-tokens.ts'
import { readInstanceOptions, type InstanceOptions, type InstanceSettings } from './options.ts'
import {
  FOREIGN_ORIGIN,
  FOREIGN_SESSION,
  insufficientScope,
  malformed,
  MCP_ONLY,
  NOT_ACCEPTED,
  NOT_OURS,
  sendRefusal,
  tokenRequired,
  unauthorized,
  unavailable,
  UNEXPECTED,
  type Refusal,
  type Target,
} from './refusal.ts'
import { createMetadataServer, metadataUrl, type MetadataServer } from './resource-metadata.ts'

/** Connect-style middleware: it calls `next` without an argument for an identified caller, or answers by itself. */
export interface HttpNodeMiddleware extends Handler {
  /** Paths that serve MCP; may change while requests come in. */
  readonly mcpPaths: Set<string>
  /** Those of them whose servers look at calls by themselves. */
  readonly gatedPaths: Set<string>
  /** Whether requests with other credentials go to a check of the host's own. */
  readonly hasFallback: boolean
  /** Shared by everything at this instance that asks its forge; `link.close()` ends it. */
  readonly link: ForgeLink
  readonly serveMetadata: MetadataServer
}

/** What becomes of a request. */
type Verdict = 'pass' | 'fall-back' | Refusal

const ours = new WeakSet<object>()

export function isHttpNodeMiddleware(value: unknown): value is HttpNodeMiddleware {
  return typeof value === 'function' && ours.has(value)
}

/**
 * Lets a request through when the forge knows who makes it, and answers by itself otherwise (docs/user/errors.md). For
 * Node-RED's `httpNodeMiddleware`, Express, and plain `http`. Running it twice on a request asks once.
 *
 * A CORS preflight carries no credential and is refused like every request without one; put the host's CORS handler in
 * front of this middleware where web pages of other origins are to call.
 * @throws {OptionError} a missing or bad option
 */
export function httpNodeMiddleware(options: InstanceOptions = {}): HttpNodeMiddleware {
  const settings = readInstanceOptions(options)
  const link = createForgeLink(settings)
  const gatedPaths = new Set<string>()
  const serveMetadata = createMetadataServer(settings)
  const sessions = createSessionOwners()

  const handler: Handler = (request, response, next) => {
    if (serveMetadata(request, response)) return
    const inspected = inspectedPath(settings, gatedPaths, request)
    const look = (server: string) => inspect(settings, request, response, { link, server, next })
    // Another middleware of ours, which does not inspect, may have let it in.
    if (callerOf(request)) return inspected === null ? next() : look(inspected)

    void decide(settings, link, { request, response, inspected }).then((verdict) => {
      if (verdict === 'pass' && !sessions.admit(request, response)) return sendRefusal(response, FOREIGN_SESSION)
      if (verdict === 'pass' && request.method === 'POST') rememberAnswer(request, response)
      if (verdict === 'pass' && inspected !== null) look(inspected)
      else if (verdict === 'pass') next()
      else if (verdict === 'fall-back') runChain(settings.fallback ?? [], request, response, next)
      else sendRefusal(response, verdict)
    })
  }

  const middleware = Object.assign(handler, {
    mcpPaths: settings.mcpPaths,
    hasFallback: settings.fallback !== null,
    gatedPaths,
    link,
    serveMetadata,
  })
  ours.add(middleware)
  return middleware
}

/** Never rejects: what nobody has foreseen is a refusal too. */
async function decide(
  settings: InstanceSettings,
  link: ForgeLink,
  { request, response, inspected }: { request: InstanceRequest; response: ServerResponse; inspected: string | null },
): Promise<Verdict> {
  try {
    const endpoint = new Endpoint(settings, request)
    const isMcp = endpoint.isMcp || inspected !== null
    if (isMcp && !isAllowedOrigin(settings, request)) return FOREIGN_ORIGIN

    const credential = readCredential(request)
    return credential.kind === 'token'
      ? await admit(link, { request, response, token: credential.text }, endpoint)
      : // Whom another check lets in is nobody whose calls could be judged.
        withoutToken(link, inspected === null ? settings.fallback : null, { request, credential, target: endpoint })
  } catch (error) {
    if (error instanceof ForgeUnavailableError) return unavailable(error)

    settings.log(`A request could not be checked and was refused: ${String(error)}`)
    return UNEXPECTED
  }
}

const looked = new WeakSet<InstanceRequest>()

/** Once, however many of us a request passes. */
function inspect(
  { log }: InstanceSettings,
  request: InstanceRequest,
  response: ServerResponse,
  options: Parameters<typeof inspectBody>[2],
): void {
  if (looked.has(request)) return options.next()
  looked.add(request)
  inspectBody(request, response, options).catch((error: unknown) => {
    log(`A request could not be inspected and was refused: ${String(error)}`)
    sendRefusal(response, UNEXPECTED)
  })
}

/** What a request is for. */
class Endpoint implements Target {
  readonly isMcp: boolean
  readonly scope: string
  readonly #settings: InstanceSettings
  readonly #path: string

  constructor(settings: InstanceSettings, request: InstanceRequest) {
    this.#settings = settings
    this.#path = requestPath(request)
    this.isMcp = isMcpPath(settings, this.#path)
    // An MCP endpoint takes both kinds of token; there it is the tool that decides.
    this.scope = this.isMcp || isReading(request.method) ? SCOPES.read : SCOPES.write
  }

  /** Only refusals name it. */
  get metadata(): string {
    return metadataUrl(this.#settings.resourceUrl, this.#path)
  }
}

function isReading(method: string | undefined): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}

/** The MCP transport's rule against DNS rebinding. Programs send no Origin; pages do. */
function isAllowedOrigin({ allowedOrigins }: InstanceSettings, { headers: { origin } }: InstanceRequest): boolean {
  return origin === undefined || allowedOrigins.has(origin.toLowerCase())
}

/** @throws {ForgeUnavailableError} */
async function admit(
  link: ForgeLink,
  { request, response, token }: { request: InstanceRequest; response: ServerResponse; token: string },
  target: Endpoint,
): Promise<Verdict> {
  const address = request.ip ?? request.socket.remoteAddress
  const presenter = { client: request.headers['user-agent'], address }
  const answer = await link.introspector.introspect(token, presenter)
  if (!answer) return unauthorized(target, NOT_ACCEPTED)
  if (answer.forge.mcpOnly && !target.isMcp) return MCP_ONLY

  const scopes = answer.forge.readOnly ? [SCOPES.read] : answer.scope.split(' ')
  if (!scopes.includes(target.scope)) return insufficientScope(target)

  const authInfo = identify(request, answer, { presenter, link })
  // Not for longer than somebody waits for the answer; and who has gone already waits no more.
  if (!response.destroyed) {
    response.once('close', holdToken(authInfo, { text: token, tokenId: answer.jti, link }))
  }
  return 'pass'
}

interface Tokenless {
  request: InstanceRequest
  credential: Exclude<Credential, { kind: 'token' }>
  target: Target
}

function withoutToken(
  { slips }: ForgeLink,
  fallback: InstanceSettings['fallback'],
  { request, credential, target }: Tokenless,
): Verdict {
  switch (credential.kind) {
    case 'several':
      return malformed(target)
    case 'unusable':
      if (credential.slip !== null) slips.note(credential.slip, credential.selector)
      return unauthorized(target, credential.advice)
    case 'other':
      return fallback ? 'fall-back' : unauthorized(target, NOT_OURS)
    case 'none':
      return fallback && isFromBrowser(request) ? 'fall-back' : tokenRequired(target)
  }
}

/** A page load, or what a page does later with the cookie of its sign-in: the host's own session decides. */
function isFromBrowser({ method, headers }: InstanceRequest): boolean {
  const isNavigation = method === 'GET' && /\btext\/html\b/i.test(headers.accept ?? '')
  return isNavigation || headers.cookie !== undefined
}
