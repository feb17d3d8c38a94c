import { Ajv, type ErrorObject } from 'ajv'
import formats from 'ajv-formats'
import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify'

// Named differently by CommonJS and ESM type resolution; both are the one function.
const addFormats = formats.default

/** Bodies are taken as they are: nothing is turned into another type, and unknown fields are refused. */
const strict = addFormats(
  new Ajv({ coerceTypes: false, removeAdditional: false, useDefaults: true, allErrors: false, discriminator: true }),
)

/** Addresses know only text, so numbers and booleans in a query, in params and in headers are read from it. */
const coercing = addFormats(
  new Ajv({ coerceTypes: true, removeAdditional: false, useDefaults: true, allErrors: false }),
)

/** The validator of every scope of ours; Fastify's default strips unknown fields and turns `7` into `"7"`. */
export const strictValidator: FastifySchemaCompiler<object> = ({ schema, httpPart }) =>
  (httpPart === 'body' ? strict : coercing).compile(schema)

/** One sentence for a person about the first thing that is wrong. Quotes field names of the schema, never values. */
export function sentenceFor(errors: readonly FastifySchemaValidationError[], part = 'body'): string {
  const error = errors[0] as ErrorObject | undefined
  if (!error) return 'The request is not valid.'

  const field = error.instancePath.slice(1).replaceAll('/', '.') || (part === 'body' ? 'The body' : `The ${part}`)
  const params = error.params as Record<string, unknown>

  switch (error.keyword) {
    case 'required':
      return `${String(params['missingProperty'])} is missing.`
    case 'additionalProperties':
      return `There is a field here that does not belong: ${printable(String(params['additionalProperty']))}.`
    case 'type':
      return `${field} must be ${article(String(params['type']))}.`
    case 'minLength':
      return params['limit'] === 1
        ? `${field} must not be empty.`
        : `${field} must have at least ${String(params['limit'])} characters.`
    case 'maxLength':
      return `${field} must have at most ${String(params['limit'])} characters.`
    case 'minItems':
      return `${field} must not be empty.`
    case 'maxItems':
      return `${field} must have at most ${String(params['limit'])} entries.`
    case 'minProperties':
      return `${field} must name at least one thing to change.`
    case 'uniqueItems':
      return `${field} must not name the same thing twice.`
    case 'minimum':
      return `${field} must be at least ${String(params['limit'])}.`
    case 'maximum':
      return `${field} must be at most ${String(params['limit'])}.`
    case 'format':
      return `${field} must be ${FORMATS[String(params['format'])] ?? 'of another form'}.`
    case 'pattern':
      return `${field} holds characters that are not allowed there, or is blank.`
    case 'discriminator':
      return `${error.instancePath === '' ? '' : `${field}.`}${String(params['tag'])} is not one of the values that are allowed.`
    case 'const':
    case 'enum':
    case 'anyOf':
      return `${field} is not one of the values that are allowed.`
    default:
      return `${field} is not valid.`
  }
}

const FORMATS: Record<string, string> = {
  'date-time': 'a date and time with its zone, such as 2026-12-23T00:00:00Z',
  email: 'an e-mail address',
  uri: 'an address that starts with https:// or http://',
}

function article(type: string): string {
  return type === 'object'
    ? 'an object'
    : type === 'integer'
      ? 'a whole number'
      : type === 'array'
        ? 'a list'
        : `a ${type}`
}

/** A field name that the caller made up, fit to be shown. */
function printable(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, '?').slice(0, 50)
}
