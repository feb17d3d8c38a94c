import { Type, type Static } from '@sinclair/typebox'

import { NameSchema, NO_CONTROL_CHARACTERS } from './common.ts'
import { EmailSchema, PasswordSchema, UsernameSchema } from './host.ts'

const closed = { additionalProperties: false }

/** Lengths only: a sign-in form must not teach the rules of user names. */
export const LoginSchema = Type.Object(
  {
    username: Type.String({ minLength: 1, maxLength: 254, pattern: NO_CONTROL_CHARACTERS, examples: ['alice'] }),
    password: Type.String({ minLength: 1, maxLength: 256, examples: ['correct horse battery staple'] }),
  },
  { $id: 'Login', ...closed },
)
export type Login = Static<typeof LoginSchema>

export const SignedOutSchema = Type.Object(
  { next: Type.String({ description: 'Where the browser signs out of the identity provider too.' }) },
  { $id: 'SignedOut' },
)
export type SignedOut = Static<typeof SignedOutSchema>

/** What the first page needs to know before anyone is signed in. */
export const SetupStateSchema = Type.Object(
  { needed: Type.Boolean({ description: 'No user exists yet.' }) },
  { $id: 'SetupState' },
)
export type SetupState = Static<typeof SetupStateSchema>

export const SetupSchema = Type.Object(
  {
    code: Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'From the set-up link that the forge printed at its start.',
      examples: ['the-part-after-the-hash'],
    }),
    username: UsernameSchema,
    name: NameSchema(100, 'Alice Arnold'),
    email: EmailSchema,
    password: PasswordSchema,
  },
  { $id: 'Setup', ...closed },
)
export type Setup = Static<typeof SetupSchema>

export const ChangePasswordSchema = Type.Object(
  {
    currentPassword: Type.String({ minLength: 1, maxLength: 256, examples: ['the password until now'] }),
    newPassword: PasswordSchema,
  },
  { $id: 'ChangePassword', ...closed },
)
export type ChangePassword = Static<typeof ChangePasswordSchema>
