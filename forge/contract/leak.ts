import { Type, type Static } from '@sinclair/typebox'

/** Somebody hands in what they found. Whatever it is, the answer is the same. */
export const LeakReportSchema = Type.Object(
  {
    tokens: Type.Array(Type.String({ minLength: 1, maxLength: 255 }), {
      minItems: 1,
      maxItems: 100,
      // The checksum is wrong on purpose, so that no scanner takes this for a real one.
      examples: [['ffpat_4hPq0ZcT7mRk_EXAMPLEexampleEXAMPLEexampleEXAMPLEexample0000000']],
    }),
  },
  { $id: 'LeakReport', additionalProperties: false },
)
export type LeakReport = Static<typeof LeakReportSchema>

/** The one answer to every report, so that it tells nobody which texts were tokens. */
export const LeakReportAnswerSchema = Type.Object(
  { accepted: Type.Literal(true) },
  { $id: 'LeakReportAnswer', additionalProperties: false },
)
export type LeakReportAnswer = Static<typeof LeakReportAnswerSchema>
