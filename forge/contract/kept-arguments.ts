import { isTooDeep } from './depth.ts'
import { KEPT_ARGUMENTS_LIMIT } from './tool-calls.ts'

type Fields = Record<string, unknown>

/**
 * The arguments of a call as they may be kept: without the named fields, at any depth and in any case of letters; null
 * when they are too long. The instance leaves out what its rules name, and the forge once more what they name now.
 * @param args from JSON, so neither circular nor endless
 */
export function keptArguments(args: Fields, redact: readonly string[]): Fields | null {
  if (isTooDeep(args)) return null
  const names = new Set(redact.map((name) => name.toLowerCase()))
  const kept = without(args, names) as Fields
  return JSON.stringify(kept).length > KEPT_ARGUMENTS_LIMIT ? null : kept
}

function without(value: unknown, names: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => without(item, names))
  if (typeof value !== 'object' || value === null) return value

  const fields = Object.entries(value).filter(([name]) => !names.has(name.toLowerCase()))
  return Object.fromEntries(fields.map(([name, field]) => [name, without(field, names)]))
}
