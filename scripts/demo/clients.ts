import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'

/** The part that both official clients have in common. */
export interface McpClient {
  tools(): Promise<string[]>
  /** @throws on a protocol error */
  call(name: string, args?: Record<string, unknown>): Promise<Called>
  close(): Promise<void>
}

const INFO = { name: 'forge-pat-demo', version: '1' }

export interface Called {
  isError: boolean
  text: string
  /** The structured content of the answer. */
  data: unknown
}

/** The official client of SDK v1 with a static token, as in a config file. */
export async function connectV1(url: string, token: string | null): Promise<McpClient> {
  const client = new ClientV1(INFO)
  await client.connect(new TransportV1(new URL(url), options(token)))
  return wrap(client)
}

type Negotiation = NonNullable<ConstructorParameters<typeof ClientV2>[1]>['versionNegotiation']

/** The same of SDK v2, which speaks the era of v1 unless it is told otherwise. */
export async function connectV2(
  url: string,
  token: string | null,
  versionNegotiation: Negotiation = { mode: 'legacy' },
): Promise<McpClient> {
  const client = new ClientV2(INFO, { versionNegotiation })
  await client.connect(new TransportV2(new URL(url), options(token)))
  return wrap(client)
}

function options(token: string | null) {
  return token === null ? {} : { requestInit: { headers: { Authorization: `Bearer ${token}` } } }
}

interface CommonClient {
  listTools(): Promise<{ tools: { name: string }[] }>
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>
  close(): Promise<void>
}

interface CommonResult {
  isError?: boolean
  content: { type: string; text?: string }[]
  structuredContent?: unknown
}

function wrap(client: CommonClient): McpClient {
  return {
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args = {}) => {
      const result = (await client.callTool({ name, arguments: args })) as CommonResult
      const text = result.content.map((part) => part.text ?? '').join('')
      return { isError: result.isError === true, text, data: result.structuredContent }
    },
    close: () => client.close(),
  }
}
