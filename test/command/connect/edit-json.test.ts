import { describe, expect, it } from 'vitest'

import { CLIENTS } from '../../../clients/all.ts'
import type { McpClient } from '../../../clients/client.ts'
import { addToJson, parseJson } from '../../../command/connect/edit-json.ts'

const [claudeCode, vsCode, zed] = ['claude-code', 'vs-code', 'zed'].map((id) =>
  CLIENTS.find((client) => client.id === id),
) as [McpClient, McpClient, McpClient]

const server = { name: 'line-4', url: 'https://line-4.example.com/mcp' }
const entry = { url: server.url }

const add = (text: string, client = claudeCode) => addToJson(text, { client, server, entry }).at(-1)

describe('addToJson', () => {
  it.each(['', '  \n', '{}'])('starts a file from %j', (text) => {
    expect(JSON.parse(add(text) ?? '')).toEqual({ mcpServers: { 'line-4': entry } })
  })

  it('keeps comments, order, indentation and what it does not know', () => {
    const before = `{
    // mine
    "theme": "dark",
    "mcpServers": {
        /* local */ "files": { "command": "files" } // keep me with files
    },
    "last": [1,2]
}
`
    expect(add(before)).toBe(`{
    // mine
    "theme": "dark",
    "mcpServers": {
        /* local */ "files": { "command": "files" }, // keep me with files
        "line-4": {
            "url": "https://line-4.example.com/mcp"
        }
    },
    "last": [1,2]
}
`)
  })

  it('minds a comma that is there already', () => {
    expect(add('{\n\t"mcpServers": {\n\t\t"a": {}, // one\n\t\t// two\n\t},\n}\n')).toBe(
      '{\n\t"mcpServers": {\n\t\t"a": {}, // one\n\t\t// two\n\t\t"line-4": {\n\t\t\t"url": "https://line-4.example.com/mcp"\n\t\t}\n\t},\n}\n',
    )
  })

  it('keeps the line ends of Windows and the mark at the beginning', () => {
    const after = add('\uFEFF{\r\n  "mcpServers": {\r\n    "a": {}\r\n  }\r\n}\r\n') ?? ''
    expect(after).toMatch(/^\uFEFF\{\r\n/)
    expect(after.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
  })

  it('replaces a server in its place', () => {
    const before = '{ "mcpServers": { "line-4": { "url": "https://old.example.com" }, "b": {} } }'
    expect(Object.keys(JSON.parse(add(before) ?? '').mcpServers)).toEqual(['line-4', 'b'])
    expect(JSON.parse(add(before) ?? '').mcpServers['line-4']).toEqual(entry)
  })

  it('changes nothing the second time', () => {
    const once = add('{ "a": 1 }') ?? ''
    expect(add(once)).toBe(once)
  })

  it('adds a prompt for the secret once, behind those of others', () => {
    const before = '{\n  "inputs": [{ "id": "other" } /* theirs */],\n  "servers": {}\n}\n'
    const after = add(before, vsCode) ?? ''
    expect(after).toContain('/* theirs */')
    expect((parseJson(after) as { inputs: { id: string }[] }).inputs.map(({ id }) => id)).toEqual([
      'other',
      'forge-token',
    ])
    expect(add(after, vsCode)).toBe(after)
  })

  it('adds a prompt to a list that is empty', () => {
    const content = parseJson(add('{ "inputs": [ ], "servers": { } }', vsCode) ?? '') as { inputs: { id: string }[] }
    expect(content.inputs.map(({ id }) => id)).toEqual(['forge-token'])
  })

  it.each([
    ['{ "mcpServers": { "a": {} }', /close brace expected at line 1, column 28/],
    ['{\n  "a": ,\n}', /at line 2, column 8/],
    ['[]', /not made of names/],
    ['"text"', /not made of names/],
    ['{ "mcpServers": [] }', /something else than servers/],
    ['{ "mcpServers": null, }', /something else than servers/],
    ['{ "mcpServers": {}, "mcpServers": {} }', /does not change safely/],
    ['{ "a": 1 } trailing', /invalid symbol at line 1, column 12/],
  ])('refuses %j', (text, message) => {
    expect(() => add(text)).toThrow(message)
  })

  it('shows nothing of a broken file in its message', () => {
    expect(() => add('{ "token": "hunter2" "x": 1 }')).toThrow(/^(?!.*hunter2)/)
  })

  it('refuses inputs that are no list', () => {
    expect(() => add('{ "inputs": {} }', vsCode)).toThrow(/list under "inputs"/)
  })

  it('puts a server of Zed where Zed looks', () => {
    expect(parseJson(add('// settings\n{ "vim_mode": true }', zed) ?? '')).toEqual({
      vim_mode: true,
      context_servers: { 'line-4': entry },
    })
  })
})
