import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'
import { parse } from 'vue-eslint-parser'

/** Where a value is for people to read; everything else in a template is for the browser. */
const READ = /^(?:label|title|hint|placeholder|alt|about|description|aria-label|[a-z]+-label)$/
/** What is written so in every language. */
const NOT_WORDS = new Set(['Forge'])

interface Node {
  type: string
  value?: unknown
  key?: { name: unknown }
  parent?: unknown
  loc: { start: { line: number } }
  [child: string]: unknown
}

/** Every word of a template that does not come from the messages, with its line. */
function wordsIn(source: string): string[] {
  const { templateBody } = parse(source, { sourceType: 'module', parser: '@typescript-eslint/parser' })
  const found: string[] = []
  const note = (node: Node, text: string) => {
    if (!NOT_WORDS.has(text.trim())) found.push(`${node.loc.start.line}: ${text.trim()}`)
  }
  const visit = (node: Node, inCode: boolean): void => {
    const code = inCode || (node.type === 'VElement' && ['code', 'svg'].includes(String(node['name'])))
    if (node.type === 'VText' && !code && /\p{L}/u.test(String(node.value))) note(node, String(node.value))
    if (node.type === 'VAttribute' && isRead(node)) {
      const value = (node.value as Node | null)?.value
      if (typeof value === 'string' && isSentence(value)) note(node, value)
    }
    if (node.type === 'Literal' && typeof node.value === 'string' && isSentence(node.value)) note(node, node.value)
    for (const [name, child] of Object.entries(node)) {
      if (name === 'parent' || name === 'loc' || name === 'range' || name === 'tokens' || name === 'comments') continue
      for (const each of Array.isArray(child) ? child : [child]) if (isNode(each)) visit(each, code)
    }
  }
  if (templateBody) visit(templateBody as unknown as Node, false)
  return found
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value
const isRead = ({ key }: Node): boolean => typeof key?.name === 'string' && READ.test(key.name)
/** Ids of roles, kinds and classes are one word in small letters. */
const isSentence = (text: string): boolean =>
  !/^[a-z]+-[a-z]+(?: [a-z]+-[a-z]+)*$/.test(text) && (/^\p{Lu}\p{Ll}/u.test(text) || /\p{L}+ \p{L}+/u.test(text))

describe('the words of the pages', () => {
  const files = readdirSync('frontend', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.vue'))

  it.each(files)('come from frontend/messages in %s', (path) => {
    expect(wordsIn(readFileSync(join('frontend', path), 'utf8'))).toEqual([])
  })

  it.each([
    ['<p>Your tokens</p>', '1: Your tokens'],
    ['<p>{{ busy ? "One moment" : "" }}</p>', '1: One moment'],
    ['<TextField label="Name" />', '1: Name'],
    ['<TextField :hint="late ? `x` : \'Too late\'" />', '1: Too late'],
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
})
