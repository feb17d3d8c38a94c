import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { parser } from 'typescript-eslint'
import { describe, expect, it } from 'vitest'
import { parse } from 'vue-eslint-parser'

/** Where a value is for people to read; everything else in a template is for the browser. */
const READ = /^(?:label|title|hint|placeholder|alt|about|description|aria-label|[a-z]+-label)$/
/** What is written so in every language, or is for programs to read. */
const NOT_WORDS = new Set([
  'Forge', // the name
  'profile email groups', // scopes of OpenID Connect, which are typed into a field
  'Refusal', // the name of an error in stack traces
  'SingleSignOnService', // names in the metadata of SAML, also below
  'KeyDescriptor',
  'Location',
])
/** Where a literal names something to a program: it is imported, a type, the name of a property, or compared with. */
const NAMED: Record<string, readonly string[]> = {
  ImportDeclaration: ['source'],
  ImportExpression: ['source'],
  ExportNamedDeclaration: ['source'],
  TSLiteralType: ['literal'],
  Property: ['key'],
  BinaryExpression: ['left', 'right'],
}

interface Node {
  type: string
  value?: unknown
  key?: { name: unknown }
  parent?: unknown
  loc: { start: { line: number } }
  [child: string]: unknown
}

/** Every word of a file that does not come from the messages, with its line. */
function wordsIn(source: string, path = 'Some.vue'): string[] {
  if (!path.endsWith('.vue')) return wordsOf(parser.parseForESLint(source).ast as Node)
  const ast = parse(source, { sourceType: 'module', parser: '@typescript-eslint/parser', filePath: path })
  return [ast.templateBody, ast].flatMap((part) => (part ? wordsOf(part as unknown as Node) : []))
}

/** The words of a template or of a script. */
function wordsOf(root: Node): string[] {
  const found: string[] = []
  const note = (node: Node, text: string) => {
    if (!NOT_WORDS.has(text.trim())) found.push(`${node.loc.start.line}: ${text.trim()}`)
  }
  const visit = (node: Node, inCode: boolean): void => {
    const code = inCode || (node.type === 'VElement' && ['code', 'svg'].includes(String(node['name'])))
    if (node.type === 'VText' && !code && /\p{L}/u.test(String(node.value))) note(node, String(node.value))
    const text = textOf(node)
    if (text !== null && isSentence(text)) note(node, text)
    for (const [name, child] of Object.entries(node)) {
      if (ASIDE.has(name) || NAMED[node.type]?.includes(name)) continue
      for (const each of Array.isArray(child) ? child : [child]) if (isNode(each)) visit(each, code)
    }
  }
  visit(root, false)
  return found
}

/** Of a node that has a text: what it says, with `#` for each value that is put into it. */
function textOf(node: Node): string | null {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : null
  if (node.type === 'VAttribute' && isRead(node)) return (node.value as { value?: string } | null)?.value ?? ''
  if (node.type !== 'TemplateLiteral') return null
  return (node['quasis'] as { value: { cooked: string } }[]).map(({ value }) => value.cooked).join('#')
}

const ASIDE = new Set(['parent', 'loc', 'range', 'tokens', 'comments', 'templateBody'])
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value
const isRead = ({ key }: Node): boolean => typeof key?.name === 'string' && READ.test(key.name)
/** Ids of roles, kinds and classes are one word in small letters, or have hyphens. */
const isSentence = (text: string): boolean =>
  /^\p{Lu}\p{Ll}/u.test(text) || (/\s/.test(text) && /(?:^|\s)[“(]?\p{L}{2,}(?=[\s.,:;!?…)”]|$)/u.test(text))

describe('the words of the pages', () => {
  const files = readdirSync('frontend', { recursive: true, encoding: 'utf8' }).filter(
    (path) => /\.(?:vue|ts)$/.test(path) && !path.startsWith('messages/') && path !== 'vite.config.ts',
  )

  it.each(files)('come from frontend/messages in %s', (path) => {
    expect(wordsIn(readFileSync(join('frontend', path), 'utf8'), path)).toEqual([])
  })

  it.each([
    ['<p>Your tokens</p>', '1: Your tokens'],
    ['<p>{{ busy ? "One moment" : "" }}</p>', '1: One moment'],
    ['<TextField label="Name" />', '1: Name'],
    ['<TextField :hint="late ? `x` : \'Too late\'" />', '1: Too late'],
    ['<p>{{ `until ${end}` }}</p>', '1: until #'],
  ])('are found in %s', (template, word) => {
    expect(wordsIn(`<template>${template}</template>`)).toEqual([word])
  })

  it.each([
    '<code>FORGE_URL</code>',
    '<p class="Soft">{{ t.list.title }}</p>',
    '<X tone="danger" :kind="a === \'b\'" />',
  ])('are not seen in %s', (template) => {
    expect(wordsIn(`<template>${template}</template>`)).toEqual([])
  })

  it.each([
    ["const title = 'Tools'", '1: Tools'],
    ["const words = late && 'too late'", '1: too late'],
    ['const days = (n: number) => `${n} days`', '1: # days'],
    ['throw new SyntaxError(`“${line}” is no rule.`)', '1: “#” is no rule.'],
  ])('are found in the script %s', (script, word) => {
    expect(wordsIn(script, 'some.ts')).toEqual([word])
    expect(wordsIn(`<script setup lang="ts">${script}</script>`)).toEqual([word])
  })

  it.each([
    "import App from 'App is here'",
    "type Key = 'Enter' | 'Page Up'",
    "if (event.key === 'Enter') go()",
    'call(`api/v1/tokens/${id}`)',
    "headers = { 'Content-Type': 'application/json' }",
    'described = `${id}-hint ${id}-error`',
  ])('are not seen in the script %s', (script) => {
    expect(wordsIn(script, 'some.ts')).toEqual([])
  })
})
