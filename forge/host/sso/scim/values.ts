import { ScimRefusal } from './scim-error.ts'

const MAX_TEXT = 255

/** Text of an attribute; null for what is unassigned. @throws {ScimRefusal} invalidValue */
export function textOf(value: unknown, name: string): string | null {
  if (value === null || value === undefined || value === '') return null
  if (typeof value !== 'string') throw invalid(`${name} must be a text.`)
  // In lower case, as names are compared, some letters are two.
  if (Math.max(value.length, value.toLowerCase().length) > MAX_TEXT)
    throw invalid(`${name} must have at most ${MAX_TEXT} characters.`)
  if (/\p{Cc}/u.test(value)) throw invalid(`${name} holds characters that are not allowed there.`)
  return value
}

/** Entra sends `"False"`. @throws {ScimRefusal} invalidValue */
export function truthOf(value: unknown, name: string): boolean {
  const text = typeof value === 'string' ? value.toLowerCase() : value
  if (text === true || text === 'true') return true
  if (text === false || text === 'false') return false
  throw invalid(`${name} must be true or false.`)
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The fields of an object by their names in lower case: attribute names count in any case (RFC 7643 section 2.1). */
export function fieldsOf(value: unknown, name: string): Map<string, unknown> {
  if (!isRecord(value)) throw invalid(`${name} must be an object.`)
  return new Map(Object.entries(value).map(([key, each]) => [key.toLowerCase(), each]))
}

/** One entry, or several. @throws {ScimRefusal} invalidValue */
export function listOf(value: unknown): unknown[] {
  if (value === null || value === undefined) return []
  return Array.isArray(value) ? value : [value]
}

export function invalid(detail: string): ScimRefusal {
  return new ScimRefusal('invalidValue', detail)
}
