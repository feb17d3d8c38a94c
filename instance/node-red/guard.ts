import { join } from 'node:path'

import type { ConnectMiddleware, Handler, InstanceRequest } from '../connect.ts'
import { httpNodeMiddleware, isHttpNodeMiddleware, type HttpNodeMiddleware } from '../middleware.ts'
import { OptionError, type InstanceOptions } from '../options.ts'
import { sendRefusal } from '../refusal.ts'
import type { HttpNode, Red, RedSettings } from './red.ts'

const guards = new WeakMap<HttpNode, HttpNodeMiddleware>()

/** The middleware that checks requests to the flows of this Node-RED; null without one. */
export function guardOf(RED: Pick<Red, 'httpNode' | 'settings'>): HttpNodeMiddleware | null {
  return (RED.httpNode && guards.get(RED.httpNode)) ?? ownMiddleware(RED.settings)
}

/**
 * A plugin that puts the middleware in front of every route of the flows. Node-RED's own `httpNodeMiddleware` covers
 * `http in` nodes only; routes that other nodes register are open without this. WebSocket nodes and `httpStatic` are no
 * routes of the flows, and stay what they are.
 *
 * It fails closed: without a usable configuration every request is refused, and the log says what is missing. Whoever
 * wants open routes says so with `forgePat: { guard: false }` in the settings file.
 */
export function registerGuard(RED: Red): void {
  RED.plugins.registerPlugin('forge-pat-guard', { type: 'forge-pat', onadd: () => mountGuard(RED) })
}

function mountGuard(RED: Red): void {
  const { httpNode, settings } = RED
  if (!httpNode) return
  if (settings.forgePat?.guard === false) {
    return RED.log.info('forge-pat: the guard is switched off in the settings; it protects no route.')
  }

  const guard = createGuard(RED)
  if (guard) guards.set(httpNode, guard)
  // One that checks nothing, such as CORS or a log, lets everybody in: whoever runs this must see what decides.
  if (guard?.hasFallback) RED.log.info(`forge-pat: ${FALLBACK_DECIDES}`)

  const handler = guard ? letPreflightsPass(settings, guard) : REFUSE_ALL
  httpNode.use(handler)
  if (guard?.hasFallback) followPlugins(RED, httpNode, handler)
  else place(httpNode, handler, 0)
  if (guard) serveMetadataAtRoot(httpNode, guard)
}

const FALLBACK_DECIDES =
  'about browsers and other kinds of bearer the httpNodeMiddleware (or forgePat.fallback) of the settings file decides alone.'

/** Null, with the reason in the log, when the settings do not say which forge to ask. */
function createGuard({ settings, log }: Red): HttpNodeMiddleware | null {
  try {
    return (
      ownMiddleware(settings) ??
      httpNodeMiddleware({ ...guardOptions(settings), log: (message) => log.warn(`forge-pat: ${message}`) })
    )
  } catch (error) {
    if (!(error instanceof OptionError)) throw error
    log.error(
      `forge-pat: ${error.message} Until that is set (forgePat in the settings file, or the environment) ` +
        'every HTTP request to the flows is refused.',
    )
    return null
  }
}

/** The settings file wins over the environment, which wins over what a FlowFuse launcher has put into the settings. */
function guardOptions(settings: RedSettings): InstanceOptions {
  const { forgePat, flowforge, httpStorage, httpNodeMiddleware: fallback, userDir } = settings
  const fromLauncher = flowforge && {
    forgeUrl: process.env['FORGE_URL'] ?? (flowforge.forgeURL && flowforge.forgeURL.replace(/\/*$/, BESIDE_FLOWFUSE)),
    instanceId: process.env['FORGE_PROJECT_ID'] ?? flowforge.projectID,
    instanceToken: process.env['FORGE_PROJECT_TOKEN'] ?? httpStorage?.token,
    resourceUrl: process.env['FORGE_RESOURCE_URL'] ?? ownOrigin(settings),
  }
  const stateFolder = process.env['FORGE_STATE_FOLDER'] ?? (userDir && join(userDir, '.forge-pat'))
  return { ...fromLauncher, ...(stateFolder ? { stateFolder } : {}), ...(fallback ? { fallback } : {}), ...forgePat }
}

/** Where forge-pat stands beside a FlowFuse, unless FORGE_URL says otherwise. */
const BESIDE_FLOWFUSE = '/pat'

/** The launcher writes this instance's address into one place: where its editor comes back to from a sign-in. */
function ownOrigin({ adminAuth }: RedSettings): string | undefined {
  const address = adminAuth?.strategy?.options?.callbackURL
  return typeof address === 'string' && URL.canParse(address) ? new URL(address).origin : undefined
}

/** A middleware of ours that the settings file has made already. */
function ownMiddleware({ httpNodeMiddleware: configured }: RedSettings): HttpNodeMiddleware | null {
  return chainOf(configured).find(isHttpNodeMiddleware) ?? null
}

/** Node-RED's setting is nothing, a function, or a list. */
export function chainOf(configured: RedSettings['httpNodeMiddleware']): ConnectMiddleware[] {
  return configured === undefined ? [] : [configured].flat()
}

/** With `httpNodeCors`, Node-RED answers preflights itself, from an `OPTIONS *` route behind us. */
function letPreflightsPass({ httpNodeCors }: RedSettings, guard: Handler): Handler {
  if (!httpNodeCors) return guard
  return (request, response, next) => (isPreflight(request) ? next() : guard(request, response, next))
}

/** Browsers send it without any credential (Fetch standard, CORS-preflight fetch). */
function isPreflight({ method, headers }: InstanceRequest): boolean {
  return method === 'OPTIONS' && 'origin' in headers && 'access-control-request-method' in headers
}

const REFUSE_ALL: Handler = (_request, response) =>
  sendRefusal(response, {
    status: 503,
    error: 'not_configured',
    description: 'This instance is not connected to its forge yet. Whoever runs it finds the reason in its log.',
    headers: { 'retry-after': '60' },
  })

/** Where FlowFuse's own plugin takes back a browser that signed in: no route of the flows, and open as it must be. */
const FLOWFUSE_CALLBACK = '/_ffAuth/callback'

/**
 * The host's own check may need what other plugins mount, such as FlowFuse's session. So the guard stays behind
 * plugins and in front of nodes: plugins all load first.
 */
function followPlugins(RED: Red, httpNode: HttpNode, handler: Handler): void {
  const follow = () => {
    const stack = httpNode._router?.stack ?? []
    const firstRoute = stack.findIndex(({ route }) => route !== undefined && route.path !== FLOWFUSE_CALLBACK)
    place(httpNode, handler, firstRoute === -1 ? stack.length : firstRoute)
  }
  RED.events.on('registry:plugin-added', follow)
  RED.events.once('type-registered', () => RED.events.off('registry:plugin-added', follow))
  follow()
}

/** Moves a mounted handler. Express 4 has no other way, and Node-RED's own nodes use the same list. */
function place(httpNode: HttpNode, handler: Handler, index: number): void {
  const stack = httpNode._router?.stack ?? []
  const from = stack.findIndex(({ handle }) => handle === handler)
  if (from === -1) return

  const [layer] = stack.splice(from, 1)
  if (layer) stack.splice(from < index ? index - 1 : index, 0, layer)
}

/** Below an `httpNodeRoot`, RFC 9728's own address for the metadata is outside of what flows are mounted at. */
function serveMetadataAtRoot(httpNode: HttpNode, guard: HttpNodeMiddleware): void {
  let root = httpNode
  while (root.parent) root = root.parent
  if (root !== httpNode) root.use((request, response, next) => void (guard.serveMetadata(request, response) || next()))
}
