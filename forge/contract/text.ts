import { Type } from '@sinclair/typebox'

/** Text of one line that may be empty. */
export const Text = (maxLength: number, example: string) =>
  Type.String({ maxLength, pattern: '^\\P{Cc}*$', examples: [example] })

/** Text of one line. */
export const RequiredText = (maxLength: number, example: string) =>
  Type.String({ minLength: 1, maxLength, pattern: '^\\P{Cc}+$', examples: [example] })

/** What is taken in and never given out. */
export const SecretText = (maxLength: number, description: string, example: string) =>
  Type.String({ minLength: 1, maxLength, pattern: '^\\P{Cc}+$', description, examples: [example] })
