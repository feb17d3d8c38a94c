import { describe, expect, it } from 'vitest'

import { compileTool, type ToolConfig } from '../../../instance/node-red/tool.ts'

const SCHEMA = {
  type: 'object',
  properties: { line: { type: 'integer' } },
  required: ['line'],
  additionalProperties: false,
}

function config(changes: Partial<ToolConfig> = {}): ToolConfig {
  return {
    id: 'n1',
    server: 's1',
    name: 'read_metrics',
    title: '',
    description: '',
    inputSchema: JSON.stringify(SCHEMA),
    effect: 'read',
    idempotent: false,
    openWorld: true,
    timeout: 30,
    ...changes,
  }
}

describe('compileTool', () => {
  it('describes the tool as MCP does', () => {
    expect(compileTool(config({ title: 'Metrics', description: 'Reads them.' })).tool).toEqual({
      name: 'read_metrics',
      title: 'Metrics',
      description: 'Reads them.',
      inputSchema: SCHEMA,
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: false, openWorldHint: true },
    })
  })

  it.each([
    ['read', true, false],
    ['write', false, false],
    ['destroy', false, true],
    ['', false, true],
  ])('turns the effect "%s" into hints', (effect, readOnlyHint, destructiveHint) => {
    const { annotations } = compileTool(config({ effect: effect as 'read' })).tool

    expect(annotations).toMatchObject({ readOnlyHint, destructiveHint })
  })

  it.each(['', 'a b', 'a/b', 'é', 'x'.repeat(129)])('refuses the name "%s"', (name) => {
    expect(() => compileTool(config({ name }))).toThrow('The name of a tool has 1 to 128')
  })

  it.each([
    ['{', 'is no JSON'],
    ['[]', 'must be a JSON object with "type": "object"'],
    ['{"type":"string"}', 'must be a JSON object with "type": "object"'],
    ['{"type":"object","properties":7}', 'cannot be used'],
    ['{"type":"object","$ref":"https://elsewhere.example/x"}', 'cannot be used'],
  ])('refuses the schema %s', (inputSchema, complaint) => {
    expect(() => compileTool(config({ inputSchema }))).toThrow(complaint)
  })

  it.each([0, -1, 3_601, 'soon'])('refuses the timeout %s', (timeout) => {
    expect(() => compileTool(config({ timeout }))).toThrow('The timeout must be between')
  })

  it('takes 30 seconds for an empty timeout, and texts as the editor saves them', () => {
    expect(compileTool(config({ timeout: '' })).timeoutMs).toBe(30_000)
    expect(compileTool(config({ timeout: '5' })).timeoutMs).toBe(5_000)
  })
})

describe('arguments', () => {
  it('that fit have no complaint', () => {
    expect(compileTool(config()).complain({ line: 3 })).toBeNull()
  })

  it.each([
    [{}, "the arguments must have required property 'line'"],
    [{ line: '3' }, 'line must be integer'],
    [{ line: 3, other: 1 }, 'the arguments must NOT have additional properties (other)'],
  ])('%j are told what is wrong', (args, complaint) => {
    expect(compileTool(config()).complain(args)).toBe(`The arguments do not fit the input schema: ${complaint}.`)
  })

  it('may be anything without a schema', () => {
    expect(compileTool(config({ inputSchema: '' })).complain({ whatever: 1 })).toBeNull()
  })

  it.each(['http://json-schema.org/draft-07/schema#', 'https://json-schema.org/draft/2020-12/schema'])(
    'are checked in the dialect %s',
    ($schema) => {
      const { complain } = compileTool(config({ inputSchema: JSON.stringify({ $schema, ...SCHEMA }) }))

      expect([complain({ line: 1 }), typeof complain({})]).toEqual([null, 'string'])
    },
  )
})
