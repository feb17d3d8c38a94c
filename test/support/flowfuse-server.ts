import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What FlowFuse answers to the questions that we ask it, as a server of its own. */
export interface FlowFuseServer {
  url: string
  /** What it was asked, in order. */
  asked: { path: string; headers: IncomingHttpHeaders }[]
  /** Answers of `GET /api/v1/user`, by the value of the cookie. */
  users: Map<string, object>
  /** Instances, by their tokens. */
  tokens: Map<string, string>
  /** What `GET /api/v1/settings` says of it: true, or to administrators what is set. */
  email: boolean | object
  /** Answers everything like this, as a FlowFuse that starts, fails, or is another server. */
  instead: { status: number; body: string; headers?: Record<string, string> } | null
  close(): Promise<void>
}

export async function startFlowFuseServer(port = 0): Promise<FlowFuseServer> {
  const asked: FlowFuseServer['asked'] = []
  const users = new Map<string, object>()
  const tokens = new Map<string, string>()

  const server = createServer(({ url: path = '', headers }, response) => {
    asked.push({ path, headers })
    const json = { 'content-type': 'application/json' }
    const send = (status: number, body: string, more: Record<string, string> = json) =>
      void response.writeHead(status, more).end(body)
    if (flowfuse.instead) return send(flowfuse.instead.status, flowfuse.instead.body, flowfuse.instead.headers ?? {})

    const instance = /^\/account\/check\/project\/(.+)$/.exec(path)?.[1]
    const bearer = headers.authorization?.replace('Bearer ', '')
    const user = users.get(headers.cookie?.replace('sid=', '') ?? '')
    if (path === '/api/v1/user' && user) return send(200, JSON.stringify(user))
    if (path === '/api/v1/settings') return send(200, JSON.stringify(user ? { email: flowfuse.email } : {}))
    if (instance !== undefined && tokens.get(bearer ?? '') === instance) return send(200, '', {})
    send(401, '{"code":"unauthorized","error":"unauthorized"}')
  })
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve))

  const flowfuse: FlowFuseServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    users,
    tokens,
    email: true,
    instead: null,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
  return flowfuse
}
