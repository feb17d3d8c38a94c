import { httpNodeMiddleware } from '../../instance/index.ts'
import { guardTools } from '../../instance/mcp/index.ts'
import { startBearerProxy } from './bearer-proxy.ts'
import { startEverythingServer } from './everything-server.ts'
import { startScene, type Scene } from './scene.ts'

/** Who looks at what passes: the middleware at the callers alone, or besides at each call, in one of two ways. */
export type Gate = 'middleware' | 'guardTools' | 'inspectBody'

export interface GuardedServer {
  scene: Scene
  /** The instance's public address, which is the proxy's. */
  url: string
  /** From now on the proxy sends this token with each request; null for none. */
  use: (token: string | null, gate?: Gate) => void
  close: () => Promise<void>
}

/** The everything server as an instance of a running forge: behind our middleware, behind a reverse proxy. */
export async function startGuardedServer(): Promise<GuardedServer> {
  const proxy = await startBearerProxy()
  const scene = await startScene({ instanceUrl: proxy.url })
  const servers = {
    middleware: await startBehind(scene, proxy.url, 'middleware'),
    guardTools: await startBehind(scene, proxy.url, 'guardTools'),
    inspectBody: await startBehind(scene, proxy.url, 'inspectBody'),
  }

  const use = (token: string | null, gate: Gate = 'middleware') => proxy.forward({ url: servers[gate].url, token })
  use(null)
  return {
    scene,
    url: proxy.url,
    use,
    close: async () => {
      await proxy.close()
      for (const server of Object.values(servers)) await server.close()
      await scene.close()
    },
  }
}

async function startBehind({ forge, instance }: Scene, resourceUrl: string, gate: Gate) {
  const middleware = httpNodeMiddleware({
    forgeUrl: forge.url,
    instanceId: instance.id,
    instanceToken: instance.credential,
    resourceUrl,
    inspectBody: gate === 'inspectBody',
    log: () => undefined,
  })
  const server = await startEverythingServer({
    gates: [middleware],
    ...(gate === 'guardTools' ? { guard: (each) => guardTools(each, middleware.link) } : {}),
  })
  return {
    url: server.url,
    close: async () => {
      await server.close()
      await middleware.link.close()
    },
  }
}
