import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'

const INFO = { name: 'forge-pat-demo', version: '1' }

export interface McpClient {
  tools(): Promise<string[]>
  /** The structured content of the answer. @throws on a protocol error */
  call(name: string, args?: Record<string, unknown>): Promise<unknown>
  close(): Promise<void>
}

/** The official client of SDK v1, with a static token as in a config file. */
export async function connectV1(url: string, token: string): Promise<McpClient> {
  const client = new ClientV1(INFO)
  await client.connect(new TransportV1(new URL(url), withToken(token)))
  return wrap(client)
}

/** The same of SDK v2. */
export async function connectV2(url: string, token: string): Promise<McpClient> {
  const client = new ClientV2(INFO)
  await client.connect(new TransportV2(new URL(url), withToken(token)))
  return wrap(client)
}

function withToken(token: string) {
  return { requestInit: { headers: { Authorization: `Bearer ${token}` } } }
}

interface EitherClient {
  listTools(): Promise<{ tools: { name: string }[] }>
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>
  close(): Promise<void>
}

function wrap(client: EitherClient): McpClient {
  return {
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args = {}) => {
      const result = (await client.callTool({ name, arguments: args })) as { structuredContent?: unknown }
      return result.structuredContent
    },
    close: () => client.close(),
  }
}
