import { parseFilter, withoutSchema, type Filter } from './filter.ts'
import { ScimRefusal } from './scim-error.ts'

/** Where an operation points, in lower case: `emails[type eq "work"].value`. */
export interface Path {
  attribute: string
  filter: Filter | null
  sub: string | null
}

const PATH = /^([a-z$][\w$-]*)(?:\[(.*)\])?(?:\.([a-z$][\w$-]*))?$/is

/**
 * Null for what belongs to an extension of the schema: nothing of one is kept here, and providers send them unasked.
 * @throws {ScimRefusal} invalidPath
 */
export function parsePath(text: string): Path | null {
  const path = withoutSchema(text.trim())
  if (/^urn:/i.test(path)) return null

  const [, attribute, filter, sub] = (path.length > 2_000 ? null : PATH.exec(path)) ?? []
  if (attribute === undefined) throw new ScimRefusal('invalidPath', 'A path is not well-formed.')
  return {
    attribute: attribute.toLowerCase(),
    filter: filter === undefined ? null : parseFilter(filter, 'invalidPath'),
    sub: sub?.toLowerCase() ?? null,
  }
}
