import { parse } from 'smol-toml'
import { describe, expect, it } from 'vitest'

import { codex } from '../../../clients/codex.ts'
import { addToToml } from '../../../command/connect/edit-toml.ts'

const server = { name: 'line-4', url: 'https://line-4.example.com/mcp' }
const addition = { client: codex, server, entry: codex.entry(server) }
const TABLE = '[mcp_servers.line-4]\nurl = "https://line-4.example.com/mcp"\nbearer_token_env_var = "FORGE_TOKEN"\n'

const add = (text: string) => addToToml(text, addition).at(-1) ?? ''

describe('addToToml', () => {
  it.each([
    ['', TABLE],
    ['model = "o3" # best', `model = "o3" # best\n\n${TABLE}`],
    ['[a]\nb = 1\n\n\n', `[a]\nb = 1\n\n${TABLE}`],
  ])('puts the table at the end of %j', (before, after) => {
    expect(add(before)).toBe(after)
  })

  it('replaces the table in its place, and keeps what stands around it', () => {
    const before = `# mine
[mcp_servers."line-4"] # old
url = "https://old.example.com"
http_headers = { "X" = "1" }

# about files
[mcp_servers.files]
command = "files"
`
    expect(add(before)).toBe(`# mine\n${TABLE}\n# about files\n[mcp_servers.files]\ncommand = "files"\n`)
    expect(add(add(before))).toBe(add(before))
  })

  it('keeps the line ends of Windows', () => {
    expect(add('[a]\r\nb = 1\r\n').replaceAll('\r\n', '')).not.toContain('\n')
  })

  it.each([
    ['mcp_servers = { files = { command = "x" } }\n'],
    ['[mcp_servers]\nline-4 = { url = "https://old.example.com" }\n'],
    ['[mcp_servers.line-4]\nurl = "https://old.example.com"\n[mcp_servers.line-4.env]\nA = "1"\n'],
    ['text = """\n[mcp_servers.line-4]\n"""\n[mcp_servers]\nline-4.url = "https://old.example.com"\n'],
  ])('refuses a form that it does not change, and says what to write: %j', (before) => {
    expect(() => parse(before)).not.toThrow()
    expect(() => add(before)).toThrow(/Put this into it yourself:\n\n\[mcp_servers\.line-4\]/)
  })

  it('names the place of a fault, and shows nothing of it', () => {
    expect(() => add('a = 1\ntoken = hunter2\n')).toThrow(/^is not valid TOML: see line 2, column \d+$/)
  })
})
