import { isDeepStrictEqual } from 'node:util'

import {
  applyEdits,
  createScanner,
  findNodeAtLocation,
  modify,
  parse,
  parseTree,
  printParseErrorCode,
  type FormattingOptions,
  type JSONPath,
  type Node,
  type ParseError,
} from 'jsonc-parser'

import { BrokenConfigError, isRecord, serversIn, type Addition } from './edit.ts'

const LENIENT = { allowTrailingComma: true, disallowComments: false }
const BYTE_ORDER_MARK = '\uFEFF'

/** What a JSON file holds; comments are passed over. @throws {BrokenConfigError} naming the first fault's place */
export function parseJson(text: string): unknown {
  const content = withoutMark(text)
  if (content.trim() === '') return {}
  const errors: ParseError[] = []
  const value: unknown = parse(content, errors, LENIENT)
  const [first] = errors
  if (first) throw new BrokenConfigError(`is not valid JSON: ${faultIn(content, first)}`)
  return value
}

/**
 * The text after each step of the change; comments, order, indentation and line ends stay as they are.
 * @throws {BrokenConfigError} when the file can't be changed safely
 */
export function addToJson(before: string, { client, server, entry }: Addition): string[] {
  const content = parseJson(before)
  serversIn(content, client)
  const mark = before.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : ''

  const steps: string[] = []
  let text = withoutMark(before).trim() === '' ? '{}\n' : withoutMark(before)
  const step = (path: JSONPath, value: unknown) => {
    text = setAt(text, path, value)
    steps.push(mark + text)
  }
  for (const prompt of client.prompts ?? []) addPrompt(content, prompt, step)
  step([client.serversKey, server.name], entry)

  if (!isDeepStrictEqual(parseJson(text), expected(content, { client, server, entry }))) {
    throw new BrokenConfigError('has a form that this command does not change safely')
  }
  return steps
}

function addPrompt(content: unknown, prompt: { id: string }, step: (path: JSONPath, value: unknown) => void): void {
  const inputs = isRecord(content) ? content['inputs'] : undefined
  if (inputs === undefined) return step(['inputs'], [prompt])
  if (!Array.isArray(inputs)) throw new BrokenConfigError('has something else than a list under "inputs"')
  if (!inputs.some((input) => isRecord(input) && input['id'] === prompt.id)) step(['inputs', inputs.length], prompt)
}

/** What has to come out; a duplicate name, for example, makes it come out otherwise. */
function expected(content: unknown, { client, server, entry }: Addition): unknown {
  const old = isRecord(content) ? content : {}
  const inputs: unknown[] = Array.isArray(old['inputs']) ? old['inputs'] : []
  const missing = (client.prompts ?? []).filter(
    ({ id }) => !inputs.some((input) => isRecord(input) && input['id'] === id),
  )
  const servers = isRecord(old[client.serversKey]) ? old[client.serversKey] : {}
  return {
    ...old,
    ...(missing.length > 0 ? { inputs: [...inputs, ...missing] } : {}),
    [client.serversKey]: { ...(servers as object), [server.name]: entry },
  }
}

function setAt(text: string, path: JSONPath, value: unknown): string {
  const root = parseTree(text, [], LENIENT)
  const parent = root && findNodeAtLocation(root, path.slice(0, -1))
  const isThere = root && findNodeAtLocation(root, path) !== undefined
  if (parent?.children && parent.children.length > 0 && !isThere) return appendTo(text, parent, path, value)

  // jsonc-parser takes -1 alone for a list that is empty.
  const at = parent?.type === 'array' && !isThere ? [...path.slice(0, -1), -1] : path
  return applyEdits(text, modify(text, at, value, { formattingOptions: formatOf(text) }))
}

/**
 * Adds a child behind the last one and behind the comment that belongs to that, which jsonc-parser would leave behind
 * the new one.
 */
function appendTo(text: string, parent: Node, path: JSONPath, value: unknown): string {
  const last = parent.children?.at(-1)
  if (!last) return text
  const { commaAt, end } = triviaAfter(text, last.offset + last.length)
  const { eol, unit } = unitsOf(text)
  const indent = indentAt(text, last.offset)
  const name = parent.type === 'object' ? `${JSON.stringify(path.at(-1))}: ` : ''
  const child = (name + JSON.stringify(value, null, unit)).split('\n').join(eol + indent)

  const close = parent.offset + parent.length - 1
  const tail = /[\r\n]/.test(text.slice(end, close)) ? '' : eol + indent.slice(unit.length)
  const withChild = text.slice(0, end) + eol + indent + child + tail + text.slice(end)
  const comma = last.offset + last.length
  return commaAt === null ? `${withChild.slice(0, comma)},${withChild.slice(comma)}` : withChild
}

/** jsonc-parser's SyntaxKind; a const enum, which isolated modules can't import. */
const KINDS: Record<'comma' | 'comment' | 'blank', Set<number>> = {
  comma: new Set([5]),
  comment: new Set([12, 13]),
  blank: new Set([14, 15]),
}

/** A comma behind a value, and where the comments behind it end. */
function triviaAfter(text: string, offset: number): { commaAt: number | null; end: number } {
  const scanner = createScanner(text, false)
  scanner.setPosition(offset)
  let commaAt: number | null = null
  let end = offset
  for (let kind = scanner.scan(); ; kind = scanner.scan()) {
    const isComma = KINDS.comma.has(kind)
    if (isComma) commaAt = scanner.getTokenOffset()
    if (isComma || KINDS.comment.has(kind)) end = scanner.getTokenOffset() + scanner.getTokenLength()
    else if (!KINDS.blank.has(kind)) return { commaAt, end }
  }
}

function indentAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset)
  return /^[ \t]*/.exec(line)?.[0] ?? ''
}

function unitsOf(text: string): { eol: string; unit: string } {
  const indent = /^([ \t]+)\S/m.exec(text)?.[1] ?? '  '
  return { eol: text.includes('\r\n') ? '\r\n' : '\n', unit: indent.startsWith('\t') ? '\t' : indent }
}

function formatOf(text: string): FormattingOptions {
  const { eol, unit } = unitsOf(text)
  return { eol, insertSpaces: unit !== '\t', tabSize: unit === '\t' ? 1 : unit.length }
}

function withoutMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text
}

/** Never the text itself: it may be a secret. */
function faultIn(text: string, { error, offset }: ParseError): string {
  const lines = text.slice(0, offset).split('\n')
  const what = printParseErrorCode(error)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
  return `${what} at line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`
}
