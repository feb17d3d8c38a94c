import { parsePath, type Path } from './path.ts'
import { ScimRefusal } from './scim-error.ts'
import { isRecord } from './values.ts'

export type Op = 'add' | 'replace' | 'remove'

/** One change of one attribute. */
export interface Step {
  op: Op
  path: Path
  value: unknown
}

const MAX_OPERATIONS = 1_000
const OPS: readonly string[] = ['add', 'replace', 'remove']

/** What the server alone sets; whole resources that are sent back hold them, and they are passed over. */
const READ_ONLY = new Set(['id', 'meta', 'groups', 'schemas'])

/**
 * The operations of a PATCH (RFC 7644 section 3.5.2), one step for each attribute: an operation without a path names
 * several, by their names or, as Entra does, by their paths.
 * @throws {ScimRefusal}
 */
export function stepsOf(body: unknown): Step[] {
  const named = isRecord(body) ? Object.entries(body).find(([key]) => key.toLowerCase() === 'operations')?.[1] : null
  if (!Array.isArray(named) || named.length === 0)
    throw new ScimRefusal('invalidSyntax', 'Operations must be a list that is not empty.')
  if (named.length > MAX_OPERATIONS)
    throw new ScimRefusal('invalidSyntax', `There must be at most ${MAX_OPERATIONS} operations.`)
  return named.flatMap(stepsOfOne)
}

function stepsOfOne(operation: unknown): Step[] {
  if (!isRecord(operation)) throw new ScimRefusal('invalidSyntax', 'An operation must be an object.')
  const { path, value } = operation
  const op = typeof operation['op'] === 'string' ? operation['op'].toLowerCase() : ''
  if (!isOp(op)) throw new ScimRefusal('invalidSyntax', 'op must be add, replace or remove.')

  if (path !== undefined && path !== null && path !== '') {
    if (typeof path !== 'string') throw new ScimRefusal('invalidPath', 'A path must be a text.')
    const parsed = parsePath(path)
    if (parsed && READ_ONLY.has(parsed.attribute))
      throw new ScimRefusal('mutability', 'This attribute can only be read.')
    return parsed ? [{ op, path: parsed, value }] : []
  }
  if (op === 'remove') throw new ScimRefusal('noTarget', 'What is removed must be named by a path.')
  return assignments(value, op)
}

/** A whole resource, or the value of an operation without a path, attribute by attribute. */
export function assignments(value: unknown, op: Op = 'add'): Step[] {
  if (!isRecord(value)) throw new ScimRefusal('invalidSyntax', 'This must be an object.')
  return Object.entries(value).flatMap(([key, each]) => {
    const path = parsePath(key)
    return path && !READ_ONLY.has(path.attribute) ? [{ op, path, value: each }] : []
  })
}

function isOp(op: string): op is Op {
  return OPS.includes(op)
}
