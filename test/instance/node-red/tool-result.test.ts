import { describe, expect, it } from 'vitest'

import { toolResult } from '../../../instance/node-red/tool-result.ts'

const text = (value: string) => [{ type: 'text', text: value }]

describe('toolResult', () => {
  it('makes text of a string, even of an empty one', () => {
    expect(toolResult({ payload: 'hello' })).toEqual({ content: text('hello') })
    expect(toolResult({ payload: '' })).toEqual({ content: text('') })
  })

  it('makes structured content of an object, and its JSON for clients that know only text', () => {
    expect(toolResult({ payload: { user: 'alice' } })).toEqual({
      content: text('{\n  "user": "alice"\n}'),
      structuredContent: { user: 'alice' },
    })
  })

  it.each([
    [7, '7'],
    [false, 'false'],
    [[1, 2], '[\n  1,\n  2\n]'],
  ])('makes text of %j', (payload, expected) => {
    expect(toolResult({ payload })).toEqual({ content: text(expected) })
  })

  it.each([undefined, null])('makes nothing of %s', (payload) => {
    expect(toolResult({ payload })).toEqual({ content: [] })
  })

  it('takes an MCP result as it is', () => {
    const payload = { content: [{ type: 'image', data: 'AAAA', mimeType: 'image/png' }], isError: false }

    expect(toolResult({ payload })).toEqual(payload)
  })

  it('takes an object that only looks like one for data', () => {
    expect(toolResult({ payload: { content: ['a chapter'] } })).toMatchObject({
      structuredContent: { content: ['a chapter'] },
    })
  })

  it('makes an image or a sound of a Buffer', () => {
    expect(toolResult({ payload: Buffer.from('x'), mimeType: 'image/png' })).toEqual({
      content: [{ type: 'image', data: 'eA==', mimeType: 'image/png' }],
    })
    expect(toolResult({ payload: Buffer.from('x'), mimeType: 'audio/wav' }).content[0]).toMatchObject({ type: 'audio' })
  })

  it.each([undefined, 'application/pdf', 'image/', 7])('wants to know what a Buffer is: not %s', (mimeType) => {
    expect(() => toolResult({ payload: Buffer.from('x'), mimeType })).toThrow('msg.mimeType')
  })

  it.each([
    ['a text', 'no such line', 'no such line'],
    ['an Error', new Error('broken'), 'broken'],
    ['what a catch node sets', { message: 'broken', source: {} }, 'broken'],
    ['anything else', 42, 'The flow reported an error.'],
  ])('makes an error result of msg.error: %s', (_, error, expected) => {
    expect(toolResult({ payload: 'ignored', error })).toEqual({ isError: true, content: text(expected) })
  })

  it('refuses what has no JSON', () => {
    const payload: Record<string, unknown> = {}
    payload['self'] = payload

    expect(() => toolResult({ payload })).toThrow('circular')
    expect(() => toolResult({ payload: () => 1 })).toThrow('A function cannot be sent')
  })
})
