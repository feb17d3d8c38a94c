import type { IncomingMessage, ServerResponse } from 'node:http'

import { SCOPES } from '../forge/contract/introspection.ts'
import { requestPath, type Handler } from './connect.ts'
import { readInstanceOptions, type InstanceOptions, type InstanceSettings } from './options.ts'
import { sendRefusal } from './refusal.ts'

const WELL_KNOWN = '/.well-known/oauth-protected-resource'

type ResourceSettings = Pick<InstanceSettings, 'forgeUrl' | 'resourceUrl' | 'resourceName'>

/** RFC 9728 section 2. */
export interface ProtectedResourceMetadata {
  resource: string
  authorization_servers: string[]
  scopes_supported: string[]
  bearer_methods_supported: string[]
  resource_name: string
}

/** Serves protected-resource metadata (RFC 9728) and hands everything else on; public by nature. */
export function resourceMetadataHandler(options: InstanceOptions = {}): Handler {
  const serve = createMetadataServer(readInstanceOptions(options))
  return (request, response, next) => {
    if (!serve(request, response)) next()
  }
}

/** Answers a request for metadata and says true; says false of every other request. */
export type MetadataServer = (request: IncomingMessage, response: ServerResponse) => boolean

export function createMetadataServer(settings: ResourceSettings): MetadataServer {
  return (request, response) => {
    const path = requestPath(request)
    const resource = path.includes(WELL_KNOWN) ? describedResource(settings.resourceUrl, path) : null
    if (resource === null) return false

    answerWith(request, response, describe(settings, resource))
    return true
  }
}

/** Where the metadata about a resource of this instance is served. @param path the path that was asked for */
export function metadataUrl(resourceUrl: URL, path: string): string {
  const url = new URL(resourceUrl)
  const base = basePath(resourceUrl)
  url.pathname = `${base}${WELL_KNOWN}${belowBase(base, path).replace(/\/+$/, '')}`
  return url.href
}

/**
 * The resource that a metadata path is about. Two forms are known: RFC 9728's insertion between host and path, and
 * the same below our own base path, which is all that reaches us when somebody else owns the root of the host.
 */
function describedResource(resourceUrl: URL, path: string): string | null {
  const base = basePath(resourceUrl)
  for (const prefix of new Set([base + WELL_KNOWN, WELL_KNOWN])) {
    if (path !== prefix && !path.startsWith(`${prefix}/`)) continue

    return resourceUrl.origin + base + belowBase(base, path.slice(prefix.length)).replace(/\/+$/, '')
  }
  return null
}

function describe({ forgeUrl, resourceName }: ResourceSettings, resource: string): ProtectedResourceMetadata {
  return {
    resource,
    authorization_servers: [forgeUrl],
    scopes_supported: [SCOPES.read, SCOPES.write],
    bearer_methods_supported: ['header'],
    resource_name: resourceName,
  }
}

function answerWith({ method }: IncomingMessage, response: ServerResponse, metadata: ProtectedResourceMetadata): void {
  if (method === 'OPTIONS') {
    response.writeHead(204, {
      ...ANY_ORIGIN,
      'access-control-allow-methods': 'GET',
      'access-control-allow-headers': '*',
    })
    return void response.end()
  }
  if (method !== 'GET' && method !== 'HEAD') {
    return sendRefusal(response, {
      status: 405,
      error: 'method_not_allowed',
      description: 'Metadata can only be read.',
      headers: { allow: 'GET, HEAD, OPTIONS' },
    })
  }
  response.writeHead(200, {
    ...ANY_ORIGIN,
    'content-type': 'application/json',
    'cache-control': 'public, max-age=3600',
  })
  response.end(JSON.stringify(metadata))
}

/** Clients in web pages read it too, and there is nothing in it to protect. */
const ANY_ORIGIN = { 'access-control-allow-origin': '*' }

/** Empty at the root, else without its trailing slash. */
export function basePath(resourceUrl: URL): string {
  const { pathname } = resourceUrl
  return pathname === '/' ? '' : pathname.replace(/\/+$/, '')
}

/** The rest of a path below our base; the path itself where a proxy has taken the base off. */
export function belowBase(base: string, path: string): string {
  return base !== '' && (path === base || path.startsWith(`${base}/`)) ? path.slice(base.length) : path
}
