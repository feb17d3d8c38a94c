/**
 * Puts forge-pat inside a FlowFuse, of which nothing is changed on disk:
 *
 *   node --import forge-pat/flowfuse-preload …/@flowfuse/flowfuse/forge/app.js
 *
 * It waits for FlowFuse's application to be built, and loads everything else only then, so that other programs of the
 * same environment do not notice. docs/admin/flowfuse.md says what it is told, and how.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'

import type { FastifyInstance } from 'fastify'

import { isFlowFuse } from './host.ts'
import { addMenuScript } from './menu.ts'

/** Fastify tells of each application there, before anything is registered. */
const CHANNEL = 'fastify.initialization'

const wantsMenu = process.env['FORGE_PAT_MENU'] === 'true'

function onApplication(message: unknown): void {
  const { fastify: app } = message as { fastify: FastifyInstance }
  let mountPath: string | null = null
  // Later it would not count for the routes of FlowFuse's own plugins.
  if (wantsMenu) addMenuScript(app, () => mountPath)

  beforeReady(app, async () => {
    if (!isFlowFuse(app)) return
    unsubscribe(CHANNEL, onApplication) // the applications that come now are ours

    const { prepareInside } = await import('./mount.ts')
    const inside = await prepareInside(app, process.env)
    void app.register(inside.plugin, { logLevel: 'warn' })
    mountPath = inside.mountPath
    app.log.info(`forge-pat is ready at ${mountPath}, inside this FlowFuse.`)
  })
}

/** Once the application's makers have registered all of theirs, and before it starts: no hook of Fastify's is there. */
function beforeReady(app: FastifyInstance, work: () => Promise<void>): void {
  const ready = app.ready.bind(app) as (...args: unknown[]) => PromiseLike<undefined>

  const first = (callback?: (error: unknown) => void) => {
    Object.assign(app, { ready })
    const working = work()
    if (callback === undefined) return working.then(() => ready())
    working.then(() => ready(callback), callback)
    return app
  }
  Object.assign(app, { ready: first })
}

subscribe(CHANNEL, onApplication)
