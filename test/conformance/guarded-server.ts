import { httpNodeMiddleware } from '../../instance/index.ts'
import { startBearerProxy } from './bearer-proxy.ts'
import { startEverythingServer } from './everything-server.ts'
import { startScene, type Scene } from './scene.ts'

export interface GuardedServer {
  scene: Scene
  /** The instance's public address, which is the proxy's. */
  url: string
  /** From now on the proxy sends this token with each request; null for none. */
  use: (token: string | null) => void
  close: () => Promise<void>
}

/** The everything server as an instance of a running forge: behind our middleware, behind a reverse proxy. */
export async function startGuardedServer(): Promise<GuardedServer> {
  const proxy = await startBearerProxy()
  const scene = await startScene({ instanceUrl: proxy.url })
  const server = await startEverythingServer(
    httpNodeMiddleware({
      forgeUrl: scene.forge.url,
      instanceId: scene.instance.id,
      instanceToken: scene.instance.credential,
      resourceUrl: proxy.url,
    }),
  )

  const use = (token: string | null) => proxy.forward({ url: server.url, token })
  use(null)
  return {
    scene,
    url: proxy.url,
    use,
    close: async () => {
      await proxy.close()
      await server.close()
      await scene.close()
    },
  }
}
