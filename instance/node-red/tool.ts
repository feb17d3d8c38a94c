import type { ToolAnnotations } from '@modelcontextprotocol/server'
import { Ajv, type ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'

/** The `mcp tool` node as it is saved in a flow. */
export interface ToolConfig {
  id: string
  server: string
  name: string
  title: string
  description: string
  /** JSON text. */
  inputSchema: string
  effect: 'read' | 'write' | 'destroy'
  idempotent: boolean
  openWorld: boolean
  /** Seconds; a text when it comes from the editor. */
  timeout: string | number
}

export interface Tool {
  name: string
  title?: string
  description?: string
  inputSchema: { type: 'object'; [keyword: string]: unknown }
  annotations: ToolAnnotations
}

export interface CompiledTool {
  tool: Tool
  timeoutMs: number
  /** Null when the arguments fit, else a sentence that a model can act on. */
  complain(args: unknown): string | null
}

const DEFAULT_TIMEOUT_SECONDS = 30
const MAX_TIMEOUT_SECONDS = 3_600
/** What the MCP specification recommends for names. */
const TOOL_NAME = /^[A-Za-z0-9_.-]{1,128}$/

/** @throws {Error} a mistake in the node's configuration, with a sentence for the author of the flow */
export function compileTool(config: ToolConfig): CompiledTool {
  if (!TOOL_NAME.test(config.name)) {
    throw new Error('The name of a tool has 1 to 128 letters, digits, underscores, hyphens and dots.')
  }
  const inputSchema = parseSchema(config.inputSchema)
  const validate = compileSchema(inputSchema)

  return {
    tool: {
      name: config.name,
      ...(config.title ? { title: config.title } : {}),
      ...(config.description ? { description: config.description } : {}),
      inputSchema,
      annotations: annotationsOf(config),
    },
    timeoutMs: readTimeout(config.timeout) * 1000,
    complain: (args) => (validate(args) ? null : describeErrors(validate)),
  }
}

function annotationsOf({ effect, idempotent, openWorld }: ToolConfig): ToolAnnotations {
  return {
    readOnlyHint: effect === 'read',
    // Unknown values count as the worst, as they do in the specification.
    destructiveHint: effect !== 'read' && effect !== 'write',
    idempotentHint: idempotent,
    openWorldHint: openWorld,
  }
}

function parseSchema(text: string): Tool['inputSchema'] {
  const schema: unknown = text.trim() === '' ? { type: 'object' } : parseJson(text)
  if (!isObjectSchema(schema)) throw new Error('The input schema must be a JSON object with "type": "object".')
  return schema
}

function isObjectSchema(schema: unknown): schema is Tool['inputSchema'] {
  return typeof schema === 'object' && schema !== null && 'type' in schema && schema.type === 'object'
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`The input schema is no JSON: ${(cause as Error).message}`, { cause })
  }
}

/** MCP's dialect is 2020-12 unless a schema names another. Each tool has its own compiler, so that `$id`s don't meet. */
function compileSchema(schema: Tool['inputSchema']): ValidateFunction {
  const options = { strict: false, allErrors: true, validateFormats: false }
  const isDraft7 = typeof schema['$schema'] === 'string' && schema['$schema'].includes('draft-07')
  try {
    return isDraft7 ? new Ajv(options).compile(schema) : new Ajv2020(options).compile(schema)
  } catch (cause) {
    throw new Error(`The input schema cannot be used: ${(cause as Error).message}`, { cause })
  }
}

const MAX_ERRORS = 5

function describeErrors({ errors }: ValidateFunction): string {
  const faults = (errors ?? []).slice(0, MAX_ERRORS).map(({ instancePath, message, params }) => {
    const extra = 'additionalProperty' in params ? ` (${String(params['additionalProperty'])})` : ''
    return `${instancePath === '' ? 'the arguments' : instancePath.slice(1)} ${message ?? 'are wrong'}${extra}`
  })
  return `The arguments do not fit the input schema: ${faults.join('; ')}.`
}

function readTimeout(value: string | number): number {
  const seconds = value === '' ? DEFAULT_TIMEOUT_SECONDS : Number(value)
  if (!(seconds > 0 && seconds <= MAX_TIMEOUT_SECONDS)) {
    throw new Error(`The timeout must be between 0 and ${MAX_TIMEOUT_SECONDS} seconds.`)
  }
  return seconds
}
