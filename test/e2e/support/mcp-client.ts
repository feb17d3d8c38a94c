import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'

import type { ConfiguredServer } from './client-config.ts'

/** What the official clients have in common, as far as the journey goes. */
export interface McpClient {
  callTool(params: { name: string; arguments?: Record<string, unknown> }): Promise<unknown>
  close(): Promise<void>
}

const INFO = { name: 'forge-pat-e2e', version: '1' }

/** The official clients, which know of a server nothing but what its config says. */
export const CLIENTS = {
  v1: async ({ url, headers }: ConfiguredServer): Promise<McpClient> => {
    const client = new ClientV1(INFO)
    await client.connect(new TransportV1(new URL(url), { requestInit: { headers } }))
    return client
  },
  v2: async ({ url, headers }: ConfiguredServer): Promise<McpClient> => {
    const client = new ClientV2(INFO)
    await client.connect(new TransportV2(new URL(url), { requestInit: { headers } }))
    return client
  },
} as const
