import { setTimeout as delay } from 'node:timers/promises'

import type { Server } from '@modelcontextprotocol/sdk/server/index.js'
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js'
import type {
  CallToolResult,
  ContentBlock,
  ElicitRequestFormParams,
  ServerNotification,
  ServerRequest,
  Tool,
} from '@modelcontextprotocol/sdk/types.js'

import { PNG_BASE64, WAV_BASE64 } from './samples.ts'

export interface ToolCall {
  args: Record<string, unknown>
  server: Server
  extra: RequestHandlerExtra<ServerRequest, ServerNotification>
  /** Ends the event stream of this call before its result, so that the client has to come back for it. */
  closeStream: () => void
}

interface TestTool {
  description: string
  inputSchema?: Tool['inputSchema']
  run: (call: ToolCall) => Promise<CallToolResult> | CallToolResult
}

/** The suite asks for pauses of about this length, so that notifications arrive one by one. */
const PAUSE_MS = 50

const text = (value: string): ContentBlock => ({ type: 'text', text: value })
const content = (...blocks: ContentBlock[]): CallToolResult => ({ content: blocks })
const image: ContentBlock = { type: 'image', data: PNG_BASE64, mimeType: 'image/png' }
const NO_ARGUMENTS: Tool['inputSchema'] = { type: 'object', properties: {} }
const objectOf = (properties: Record<string, object>): Tool['inputSchema'] => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
})

const staticTools: Record<string, TestTool> = {
  test_simple_text: {
    description: 'Answers one text.',
    run: () => content(text('This is a simple text response for testing.')),
  },
  test_image_content: { description: 'Answers one image.', run: () => content(image) },
  test_audio_content: {
    description: 'Answers one sound.',
    run: () => content({ type: 'audio', data: WAV_BASE64, mimeType: 'audio/wav' }),
  },
  test_embedded_resource: {
    description: 'Answers one embedded resource.',
    run: () =>
      content({
        type: 'resource',
        resource: {
          uri: 'test://embedded-resource',
          mimeType: 'text/plain',
          text: 'This is an embedded resource content.',
        },
      }),
  },
  test_multiple_content_types: {
    description: 'Answers a text, an image and a resource.',
    run: () =>
      content(text('Multiple content types test:'), image, {
        type: 'resource',
        resource: {
          uri: 'test://mixed-content-resource',
          mimeType: 'application/json',
          text: JSON.stringify({ test: 'data', value: 123 }),
        },
      }),
  },
  test_error_handling: {
    description: 'Always fails.',
    run: () => {
      throw new Error('This tool intentionally returns an error for testing')
    },
  },
  json_schema_2020_12_tool: {
    description: 'Has an input schema that uses JSON Schema 2020-12.',
    inputSchema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      $defs: {
        address: { type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } },
      },
      properties: { name: { type: 'string' }, address: { $ref: '#/$defs/address' } },
      additionalProperties: false,
    },
    run: ({ args }) => content(text(JSON.stringify(args))),
  },
}

const notifyingTools: Record<string, TestTool> = {
  test_tool_with_logging: {
    description: 'Logs three times while it runs.',
    run: async ({ extra }) => {
      await log(extra, 'Tool execution started')
      await delay(PAUSE_MS)
      await log(extra, 'Tool processing data')
      await delay(PAUSE_MS)
      await log(extra, 'Tool execution completed')
      return content(text('Logged three messages.'))
    },
  },
  test_tool_with_progress: {
    description: 'Reports its progress in three steps.',
    run: async ({ extra }) => {
      for (const progress of [0, 50, 100]) {
        await reportProgress(extra, progress)
        if (progress < 100) await delay(PAUSE_MS)
      }
      return content(text('Reported progress.'))
    },
  },
  test_reconnection: {
    description: 'Ends its event stream before it answers; the result waits for the client to come back.',
    run: async ({ extra, closeStream }) => {
      // The first event gives the client the id from which it resumes.
      await log(extra, 'Closing the stream')
      closeStream()
      await delay(2 * PAUSE_MS)
      return content(text('Answered after the reconnection.'))
    },
  },
}

const askingTools: Record<string, TestTool> = {
  test_sampling: {
    description: 'Has the client ask its model.',
    inputSchema: objectOf({ prompt: { type: 'string' } }),
    run: async ({ args, server, extra }) => {
      const { content: answer } = await server.createMessage(
        { messages: [{ role: 'user', content: { type: 'text', text: String(args.prompt) } }], maxTokens: 100 },
        { relatedRequestId: extra.requestId },
      )
      return content(text(`LLM response: ${answer.type === 'text' ? answer.text : answer.type}`))
    },
  },
  test_elicitation: {
    description: 'Has the client ask its user.',
    inputSchema: objectOf({ message: { type: 'string' } }),
    run: (call) =>
      elicit(call, String(call.args.message), {
        username: { type: 'string', description: "User's response" },
        email: { type: 'string', description: "User's email address" },
      }),
  },
  test_elicitation_sep1034_defaults: {
    description: 'Asks with a default for each primitive type.',
    run: (call) =>
      elicit(call, 'Check the defaults.', {
        name: { type: 'string', default: 'John Doe' },
        age: { type: 'integer', default: 30 },
        score: { type: 'number', default: 95.5 },
        status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
        verified: { type: 'boolean', default: true },
      }),
  },
  test_elicitation_sep1330_enums: {
    description: 'Asks with each of the five kinds of choices.',
    run: (call) =>
      elicit(call, 'Choose.', {
        untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
        titledSingle: {
          type: 'string',
          oneOf: [
            { const: 'value1', title: 'First Option' },
            { const: 'value2', title: 'Second Option' },
          ],
        },
        legacyEnum: { type: 'string', enum: ['opt1', 'opt2'], enumNames: ['Option One', 'Option Two'] },
        untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
        titledMulti: {
          type: 'array',
          items: {
            anyOf: [
              { const: 'value1', title: 'First Choice' },
              { const: 'value2', title: 'Second Choice' },
            ],
          },
        },
      }),
  },
}

const tools = new Map(Object.entries({ ...staticTools, ...notifyingTools, ...askingTools }))

export function listTools(): Tool[] {
  return [...tools].map(([name, { description, inputSchema = NO_ARGUMENTS }]) => ({
    name,
    description,
    inputSchema,
  }))
}

/** A tool that throws is a result with `isError`, which the model may read, rather than a protocol error. */
export async function callTool(name: string, call: ToolCall): Promise<CallToolResult> {
  try {
    const tool = tools.get(name)
    if (!tool) throw new Error(`There is no tool ${name}.`)

    return await tool.run(call)
  } catch (error) {
    return { isError: true, content: [text(error instanceof Error ? error.message : String(error))] }
  }
}

async function elicit(
  { server, extra }: ToolCall,
  message: string,
  properties: ElicitRequestFormParams['requestedSchema']['properties'],
): Promise<CallToolResult> {
  const answer = await server.elicitInput(
    { mode: 'form', message, requestedSchema: { type: 'object', properties, required: Object.keys(properties) } },
    { relatedRequestId: extra.requestId },
  )
  return content(
    text(`Elicitation completed: action=${answer.action}, content=${JSON.stringify(answer.content ?? {})}`),
  )
}

/** Sent on the stream of the call itself: the stand-alone stream of the client may not be open yet. */
function log(extra: ToolCall['extra'], data: string): Promise<void> {
  return extra.sendNotification({ method: 'notifications/message', params: { level: 'info', data } })
}

async function reportProgress(extra: ToolCall['extra'], progress: number): Promise<void> {
  const progressToken = extra._meta?.progressToken
  if (progressToken === undefined) return

  await extra.sendNotification({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } })
}
