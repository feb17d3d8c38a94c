import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
  type RequestId,
} from '@modelcontextprotocol/sdk/types.js'

import { getPrompt, listPrompts } from './prompts.ts'
import { readResource, RESOURCE_TEMPLATES, RESOURCES } from './resources.ts'
import { callTool, listTools } from './tools.ts'

/**
 * One session's protocol server with everything that the suite asks for. The low-level class, since only that lists
 * an input schema as it was written.
 */
export function createEverythingServer(closeStream: (requestId: RequestId) => void): Server {
  const server = new Server(
    { name: 'forge-pat-everything', version: '1.0.0' },
    {
      capabilities: { tools: {}, resources: { subscribe: true }, prompts: {}, completions: {}, logging: {} },
      enforceStrictCapabilities: true,
    },
  )

  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: listTools() }))
  server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) =>
    callTool(params.name, {
      args: params.arguments ?? {},
      server,
      extra,
      closeStream: () => closeStream(extra.requestId),
    }),
  )

  addResources(server)

  server.setRequestHandler(ListPromptsRequestSchema, () => ({ prompts: listPrompts() }))
  server.setRequestHandler(GetPromptRequestSchema, ({ params }) => getPrompt(params.name, params.arguments ?? {}))
  server.setRequestHandler(CompleteRequestSchema, ({ params }) => ({
    completion: { values: ['test-one', 'test-two'].filter((value) => value.startsWith(params.argument.value)) },
  }))

  return server
}

function addResources(server: Server): void {
  const watched = new Set<string>()

  server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources: [...RESOURCES] }))
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: [...RESOURCE_TEMPLATES] }))
  server.setRequestHandler(ReadResourceRequestSchema, ({ params }) => readResource(params.uri))
  server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
    watched.add(params.uri)
    return {}
  })
  server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
    watched.delete(params.uri)
    return {}
  })
}
