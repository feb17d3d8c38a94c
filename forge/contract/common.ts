import { Type, type Static, type TSchema } from '@sinclair/typebox'

/** Opaque ids; their form is the host's business (ours, a FlowFuse hashid, a UUID). */
export const IdSchema = Type.String({
  minLength: 1,
  maxLength: 64,
  pattern: '^[0-9A-Za-z_-]+$',
  examples: ['q3Zk81LmPa0x'],
})

/** ISO 8601 with a time zone, as `Date.prototype.toISOString` writes it. */
export const DateTimeSchema = Type.String({ format: 'date-time', examples: ['2026-12-23T00:00:00.000Z'] })

/**
 * A name that a person reads: something visible in it, no control characters, no bidirectional overrides.
 * @param maxLength in UTF-16 code units
 */
export const NameSchema = (maxLength: number, example: string) =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: '^(?=.*\\S)[^\\p{Cc}\\u2028\\u2029\\u202A-\\u202E\\u2066-\\u2069]*$',
    examples: [example],
  })

/** Errors below `/api` and `/account`. `error` is a sentence for people, `code` is for programs. */
export const ApiErrorSchema = Type.Object(
  {
    code: Type.String({ description: 'Stable, snake_case.', examples: ['not_found'] }),
    error: Type.String({
      description: 'What went wrong and what to do, in one or two sentences.',
      examples: ['There is nothing at this address.'],
    }),
  },
  { $id: 'ApiError', description: 'What every refused call answers.' },
)
export type ApiError = Static<typeof ApiErrorSchema>

/** Text that somebody looks for. PostgreSQL refuses a NUL, and nothing has another control character in it. */
export const NO_CONTROL_CHARACTERS = '^\\P{Cc}*$'

/** Query of every list. */
export const PageQuerySchema = Type.Object(
  {
    cursor: Type.Optional(Type.String({ maxLength: 600, description: '`meta.next_cursor` of the page before.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 100 })),
    query: Type.Optional(
      Type.String({
        maxLength: 100,
        pattern: NO_CONTROL_CHARACTERS,
        description: 'Keeps what contains this text, in any case.',
      }),
    ),
  },
  { additionalProperties: false },
)
export type PageQuery = Static<typeof PageQuerySchema>

/** FlowFuse's list shape: `next_cursor` is absent on the last page. */
export const PageSchema = <Name extends string, Item extends TSchema>(name: Name, item: Item) =>
  Type.Object({
    meta: Type.Object({ next_cursor: Type.Optional(Type.String()) }),
    count: Type.Integer({ description: 'How many there are in all, not only on this page.' }),
    ...({ [name]: Type.Array(item) } as Record<Name, ReturnType<typeof Type.Array<Item>>>),
  })
