import { Type, type Static } from '@sinclair/typebox'

import { DateTimeSchema, IdSchema } from './common.ts'

const closed = { additionalProperties: false }

/** Header `Prefer` of an instance that confirms what it is told of revoked tokens (RFC 7240). */
export const PREFER_CONFIRM = 'confirm'

/** Tokens that an instance confirms at once. */
export const CONFIRMATION_BATCH = 500

/** An instance has dropped all that it held of these tokens. */
export const ConfirmationSchema = Type.Object(
  {
    listenerId: Type.String({
      format: 'uuid',
      description: 'As `hello` said it.',
      examples: ['0f8fad5b-d9cb-469f-a165-70867728950e'],
    }),
    tokenIds: Type.Array(IdSchema, { minItems: 1, maxItems: CONFIRMATION_BATCH }),
  },
  { $id: 'Confirmation', ...closed },
)
export type Confirmation = Static<typeof ConfirmationSchema>

const count = (description: string) => Type.Integer({ minimum: 0, description })

/** How far a revocation has got, everywhere or for a team. The four counts are of different instances. */
export const RevocationSchema = Type.Object(
  {
    revokedAt: DateTimeSchema,
    confirmed: count('Instances that have confirmed that they hold nothing of the token any more.'),
    waiting: count('Instances that listen, and have not confirmed yet.'),
    silent: count('Instances that listen, and are too old to confirm anything.'),
    offline: count('Instances that do not listen: they ask the forge again within 10 seconds.'),
    seconds: Type.Union([Type.Number({ minimum: 0 }), Type.Null()], {
      description: 'From the revocation to the last confirmation; null before the first.',
    }),
  },
  { $id: 'Revocation' },
)
export type Revocation = Static<typeof RevocationSchema>
