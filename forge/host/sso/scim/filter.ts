import { parse, type Filter } from 'scim2-parse-filter'

import { ScimRefusal, type ScimType } from './scim-error.ts'

export type { Filter }

/** Longer than any that a provider sends, and short enough to be read at no cost. */
const MAX_LENGTH = 2_000

/** Control characters are in no filter, and the grammar's library takes ages over a text of line feeds. */
const CONTROL = /\p{Cc}/u

/** @throws {ScimRefusal} */
export function parseFilter(text: string, scimType: ScimType = 'invalidFilter'): Filter {
  if (text.length > MAX_LENGTH || CONTROL.test(text))
    throw new ScimRefusal(scimType, 'The filter is not one that is understood here.')
  try {
    return parse(text)
  } catch {
    throw new ScimRefusal(scimType, 'The filter is not well-formed.')
  }
}

/** Whether an entry of a list is one that the filter means. Text counts in any case, and `"true"` as a truth. */
export function matches(filter: Filter, entry: ReadonlyMap<string, unknown>): boolean {
  switch (filter.op) {
    case 'and':
      return filter.filters.every((each) => matches(each, entry))
    case 'or':
      return filter.filters.some((each) => matches(each, entry))
    case 'not':
      return !matches(filter.filter, entry)
    case 'pr':
      return entry.has(filter.attrPath.toLowerCase())
    case '[]':
      throw new ScimRefusal('invalidFilter', 'A filter within a filter is not understood here.')
    default:
      return compare(filter.op, fold(entry.get(filter.attrPath.toLowerCase())), fold(filter.compValue))
  }
}

function compare(op: string, actual: string, expected: string): boolean {
  switch (op) {
    case 'eq':
      return actual === expected
    case 'ne':
      return actual !== expected
    case 'co':
      return actual.includes(expected)
    case 'sw':
      return actual.startsWith(expected)
    case 'ew':
      return actual.endsWith(expected)
    default:
      throw new ScimRefusal('invalidFilter', 'This comparison is not understood here.')
  }
}

function fold(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase() : typeof value === 'boolean' ? String(value) : ''
}

/** `attribute eq "value"`. */
export interface Condition<Name extends string> {
  attribute: Name
  value: string
}

/**
 * A filter of a list as conditions that all must hold; that is all that the lists understand.
 * @param attributes the names that may be asked for, in lower case, with what they mean
 * @throws {ScimRefusal} invalidFilter, which says what is understood
 */
export function conditionsOf<Name extends string>(
  text: string,
  attributes: ReadonlyMap<string, Name>,
): Condition<Name>[] {
  const refuse = () => {
    const names = [...new Set(attributes.values())].join(', ')
    return new ScimRefusal('invalidFilter', `Understood here are "eq" and "and", of: ${names}.`)
  }
  const read = (filter: Filter): Condition<Name>[] => {
    if (filter.op === 'and') return filter.filters.flatMap(read)
    // `members[value eq "…"]` is what `members.value eq "…"` is.
    const inner = filter.op === '[]' ? filter.valFilter : null
    const path = filter.op === '[]' && inner?.op === 'eq' ? `${filter.attrPath}.${inner.attrPath}` : null
    const eq = inner?.op === 'eq' ? inner : filter.op === 'eq' ? filter : null
    const attribute = eq && attributes.get(withoutSchema(path ?? eq.attrPath).toLowerCase())
    if (!eq || !attribute || typeof eq.compValue !== 'string') throw refuse()
    return [{ attribute, value: eq.compValue }]
  }
  return read(parseFilter(text))
}

/** `urn:ietf:params:scim:schemas:core:2.0:User:userName` is `userName`. */
export function withoutSchema(path: string): string {
  return path.replace(/^urn:ietf:params:scim:schemas:core:2\.0:(?:User|Group):/i, '')
}
