import { Type, type Static } from '@sinclair/typebox'

import { DateTimeSchema, IdSchema } from './common.ts'
import { CreateTokenSchema } from './token.ts'

/** A code as a person types it: in any case, with or without the dash. */
const UserCodeSchema = Type.String({ minLength: 1, maxLength: 40, examples: ['WDJB-MJHT'] })

export const UserCodeEntrySchema = Type.Object(
  { userCode: UserCodeSchema },
  { $id: 'UserCodeEntry', additionalProperties: false },
)
export type UserCodeEntry = Static<typeof UserCodeEntrySchema>

/** A program that waits for a person's word. */
export const DeviceRequestSchema = Type.Object(
  {
    userCode: Type.String({ description: 'As the program shows it.', examples: ['WDJB-MJHT'] }),
    client: Type.Object({
      id: Type.String(),
      name: Type.String({ description: 'What the program calls itself, or is called by the team.' }),
      kind: Type.Union([Type.Literal('built-in'), Type.Literal('document'), Type.Literal('team')], {
        description: 'Who says so: this forge, the owner of the web address that is the id, or the owners of a team.',
      }),
      teamId: Type.Union([IdSchema, Type.Null()], { description: 'The team whose instances alone it may reach.' }),
    }),
    address: Type.String({ description: 'Where it asked from.', examples: ['203.0.113.7'] }),
    askedAt: DateTimeSchema,
    expiresAt: DateTimeSchema,
    readOnly: Type.Boolean({ description: 'It has not asked to change anything.' }),
    resources: Type.Array(
      Type.Object({
        url: Type.String(),
        instanceId: Type.Union([IdSchema, Type.Null()], { description: 'Null for what the person does not reach.' }),
      }),
      { description: 'What it asks to reach; empty when it leaves that to the person.' },
    ),
  },
  { $id: 'DeviceRequest' },
)
export type DeviceRequest = Static<typeof DeviceRequestSchema>

/** What the person lets it have: a token like any other. */
export const ApproveDeviceSchema = Type.Composite([Type.Object({ userCode: UserCodeSchema }), CreateTokenSchema], {
  $id: 'ApproveDevice',
  additionalProperties: false,
})
export type ApproveDevice = Static<typeof ApproveDeviceSchema>
