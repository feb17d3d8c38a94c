import { Type, type Static } from '@sinclair/typebox'

import { DateTimeSchema, IdSchema } from './common.ts'
import { UseSchema } from './token.ts'

const closed = { additionalProperties: false }

/** What people leave where a token belongs. */
export const SlipSchema = Type.Union(
  [
    Type.Literal('empty'),
    Type.Literal('doubled_bearer'),
    Type.Literal('quoted'),
    Type.Literal('not_expanded'),
    Type.Literal('placeholder'),
    Type.Literal('blank_inside'),
    Type.Literal('truncated'),
    Type.Literal('too_long'),
    Type.Literal('wrong_character'),
    Type.Literal('flowfuse_platform_token'),
  ],
  { description: 'What stood where a token belongs, told by its shape alone.', examples: ['not_expanded'] },
)
export type Slip = Static<typeof SlipSchema>

const SELECTOR_PATTERN = '^[0-9A-Za-z]{12}$'

/** Slips that an instance reports at once. */
export const SLIP_BATCH = 20

/** Never what was sent: only of which kind it was, and the public part of a token where that can be read. */
export const SlipReportSchema = Type.Object(
  {
    slips: Type.Array(
      Type.Object(
        {
          slip: SlipSchema,
          selector: Type.Optional(
            Type.String({
              pattern: SELECTOR_PATTERN,
              description: 'Of a damaged token: its public part, between the two underscores.',
              examples: ['4hPq0ZcT7mRk'],
            }),
          ),
        },
        closed,
      ),
      { minItems: 1, maxItems: SLIP_BATCH },
    ),
  },
  { $id: 'SlipReport', ...closed },
)
export type SlipReport = Static<typeof SlipReportSchema>

const SeenSlipSchema = Type.Object({
  slip: Type.Union([...SlipSchema.anyOf, Type.Literal('wrong_instance')], {
    description: '`wrong_instance`: the token is whole and real, and does not reach the instance.',
  }),
  at: DateTimeSchema,
  instance: Type.Object({ id: IdSchema, name: Type.Union([Type.String(), Type.Null()]) }),
  certain: Type.Boolean({
    description: 'Whether it was this token. Where nothing of it could be read, it may have been meant for another.',
  }),
})
export type SeenSlip = Static<typeof SeenSlipSchema>

/** What is known while somebody waits for the first use of a token. */
export const FirstCallSchema = Type.Object(
  {
    lastUse: Type.Union([UseSchema, Type.Null()]),
    slips: Type.Array(SeenSlipSchema, {
      description: 'What was seen instead since it was minted, the latest first; none once it was used.',
    }),
  },
  { $id: 'FirstCall' },
)
export type FirstCall = Static<typeof FirstCallSchema>
