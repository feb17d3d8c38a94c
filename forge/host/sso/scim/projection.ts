import { withoutSchema } from './filter.ts'
import type { Resource } from './resources.ts'

/** What is wished of an answer (RFC 7644 section 3.9): names of attributes, separated by commas. */
export interface Wish {
  attributes?: string
  excludedAttributes?: string
}

/** Returned in any case (RFC 7643 section 7, `returned: always`). */
const ALWAYS = ['schemas', 'id']

/** Of a resource what is wished. */
export function project(resource: Resource, wish: Wish): Record<string, unknown> {
  const only = namesIn(wish.attributes)
  const without = namesIn(wish.excludedAttributes)

  const kept = Object.entries(resource).flatMap(([key, value]) => {
    const name = key.toLowerCase()
    if (ALWAYS.includes(key)) return [[key, value]]
    if (only.length > 0) {
      if (only.includes(name)) return [[key, value]]
      const subs = subsOf(only, name)
      return subs.length === 0 ? [] : [[key, pick(value, (sub) => subs.includes(sub))]]
    }
    if (without.includes(name)) return []
    const subs = subsOf(without, name)
    return [[key, subs.length === 0 ? value : pick(value, (sub) => !subs.includes(sub))]]
  })
  return Object.fromEntries(kept) as Record<string, unknown>
}

/** Whether an answer would hold the attribute. */
export function wants(wish: Wish, attribute: string): boolean {
  return attribute in project({ id: '', [attribute]: {} }, wish)
}

function namesIn(list = ''): string[] {
  return list
    .split(',')
    .map((name) => withoutSchema(name.trim()).toLowerCase())
    .filter((name) => name !== '')
}

function subsOf(names: string[], attribute: string): string[] {
  return names.filter((name) => name.startsWith(`${attribute}.`)).map((name) => name.slice(attribute.length + 1))
}

function pick(value: unknown, keeps: (sub: string) => boolean): unknown {
  if (Array.isArray(value)) return value.map((each) => pick(each, keeps))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([key]) => keeps(key.toLowerCase())))
}
