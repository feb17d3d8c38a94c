import { Type, type Static } from '@sinclair/typebox'

import { DateTimeSchema, IdSchema, NameSchema, NO_CONTROL_CHARACTERS, PageSchema } from './common.ts'
import { OverrideRoleSchema, RoleSchema } from './role.ts'

const closed = { additionalProperties: false }

// ---- people -------------------------------------------------------------------------------------------------------

export const UsernameSchema = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,38}[A-Za-z0-9]$|^[A-Za-z0-9]$',
  minLength: 1,
  maxLength: 40,
  description: 'Letters, digits, dots, hyphens and underscores; upper and lower case are the same.',
  examples: ['alice'],
})
export const EmailSchema = Type.String({ format: 'email', maxLength: 254, examples: ['alice@example.com'] })

/** Long rather than complicated (NIST SP 800-63B section 5.1.1): 8 to 256 characters of any kind. */
export const PasswordSchema = Type.String({ minLength: 8, maxLength: 256, examples: ['correct horse battery staple'] })

export const UserSchema = Type.Object(
  {
    id: IdSchema,
    username: Type.String(),
    name: Type.String(),
    email: Type.String(),
    admin: Type.Boolean({ description: 'Runs the platform. A flag, not a team role; it never flows into a token.' }),
    suspended: Type.Boolean(),
    createdAt: DateTimeSchema,
  },
  { $id: 'User' },
)
export type User = Static<typeof UserSchema>

/** The person of a session. */
export const OwnUserSchema = Type.Composite(
  [
    UserSchema,
    Type.Object({
      provider: Type.Union([Type.Object({ id: IdSchema, name: Type.String() }), Type.Null()], {
        description: 'The identity provider that this session came through; null after a password.',
      }),
    }),
  ],
  { $id: 'OwnUser' },
)
export type OwnUser = Static<typeof OwnUserSchema>
export const UserPageSchema = PageSchema('users', UserSchema)
export type UserPage = Static<typeof UserPageSchema>

export const CreateUserSchema = Type.Object(
  {
    username: UsernameSchema,
    name: NameSchema(100, 'Alice Arnold'),
    email: EmailSchema,
    password: PasswordSchema,
    admin: Type.Optional(Type.Boolean({ default: false })),
  },
  { $id: 'CreateUser', ...closed },
)
export type CreateUser = Static<typeof CreateUserSchema>

export const UpdateUserSchema = Type.Object(
  {
    name: Type.Optional(NameSchema(100, 'Alice Arnold')),
    email: Type.Optional(EmailSchema),
    admin: Type.Optional(Type.Boolean()),
    suspended: Type.Optional(
      Type.Boolean({ description: 'Ends their sessions and makes their tokens refuse, at once.' }),
    ),
  },
  { $id: 'UpdateUser', minProperties: 1, ...closed },
)
export type UpdateUser = Static<typeof UpdateUserSchema>

// ---- teams --------------------------------------------------------------------------------------------------------

export const SlugSchema = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]*$',
  minLength: 1,
  maxLength: 40,
  description: 'Lower-case letters, digits and hyphens; used in addresses and group names.',
  examples: ['line-4'],
})

export const TeamSchema = Type.Object(
  {
    id: IdSchema,
    name: Type.String(),
    slug: Type.String(),
    suspended: Type.Boolean(),
    createdAt: DateTimeSchema,
    role: Type.Union([RoleSchema, Type.Null()], {
      description: "The asking person's role; null for an admin who is no member.",
    }),
    memberCount: Type.Integer(),
    instanceCount: Type.Integer(),
  },
  { $id: 'Team' },
)
export type Team = Static<typeof TeamSchema>
export const TeamPageSchema = PageSchema('teams', TeamSchema)
export type TeamPage = Static<typeof TeamPageSchema>

export const CreateTeamSchema = Type.Object(
  { name: NameSchema(100, 'Line 4'), slug: Type.Optional(SlugSchema) },
  { $id: 'CreateTeam', ...closed },
)
export type CreateTeam = Static<typeof CreateTeamSchema>

export const UpdateTeamSchema = Type.Object(
  {
    name: Type.Optional(NameSchema(100, 'Line 4')),
    suspended: Type.Optional(Type.Boolean({ description: 'Platform admins only.' })),
  },
  { $id: 'UpdateTeam', minProperties: 1, ...closed },
)
export type UpdateTeam = Static<typeof UpdateTeamSchema>

export const MemberSchema = Type.Object(
  {
    user: Type.Object({
      id: IdSchema,
      username: Type.String(),
      name: Type.String(),
      email: Type.String(),
      suspended: Type.Boolean(),
    }),
    role: RoleSchema,
    managedBy: Type.Union([Type.Object({ id: IdSchema, name: Type.String() }), Type.Null()], {
      description: 'The identity provider whose groups say so; null for what was set by hand.',
    }),
    overrides: Type.Array(
      Type.Object({
        applicationId: IdSchema,
        role: OverrideRoleSchema,
        managed: Type.Boolean({ description: "An identity provider's groups say so." }),
      }),
    ),
  },
  { $id: 'Member' },
)
export type Member = Static<typeof MemberSchema>
export const MemberPageSchema = PageSchema('members', MemberSchema)
export type MemberPage = Static<typeof MemberPageSchema>

/** A person is named by user name or e-mail address; they must exist. */
export const AddMemberSchema = Type.Object(
  {
    user: Type.String({ minLength: 1, maxLength: 254, pattern: NO_CONTROL_CHARACTERS, examples: ['bob'] }),
    role: RoleSchema,
  },
  { $id: 'AddMember', ...closed },
)
export type AddMember = Static<typeof AddMemberSchema>

export const SetRoleSchema = Type.Object({ role: RoleSchema }, { $id: 'SetRole', ...closed })
export type SetRole = Static<typeof SetRoleSchema>

export const SetOverrideSchema = Type.Object({ role: OverrideRoleSchema }, { $id: 'SetOverride', ...closed })
export type SetOverride = Static<typeof SetOverrideSchema>

// ---- applications and instances -----------------------------------------------------------------------------------

export const ApplicationSchema = Type.Object(
  { id: IdSchema, name: Type.String(), teamId: IdSchema, createdAt: DateTimeSchema },
  { $id: 'Application' },
)
export type Application = Static<typeof ApplicationSchema>
export const ApplicationPageSchema = PageSchema('applications', ApplicationSchema)
export type ApplicationPage = Static<typeof ApplicationPageSchema>

export const CreateApplicationSchema = Type.Object(
  { teamId: IdSchema, name: NameSchema(100, 'Packaging') },
  { $id: 'CreateApplication', ...closed },
)
export type CreateApplication = Static<typeof CreateApplicationSchema>

export const UpdateApplicationSchema = Type.Object(
  { name: NameSchema(100, 'Packaging') },
  { $id: 'UpdateApplication', ...closed },
)
export type UpdateApplication = Static<typeof UpdateApplicationSchema>

/** Where people and clients reach the instance: http or https, no user info, no query, no fragment. */
export const InstanceUrlSchema = Type.String({
  format: 'uri',
  pattern: '^https?://[^\\s/?#@\\\\]+(/[^\\s?#\\\\]*)?$',
  maxLength: 500,
  examples: ['https://line-4.example.com'],
})

export const InstanceSchema = Type.Object(
  {
    id: IdSchema,
    name: Type.String(),
    url: Type.String(),
    production: Type.Boolean({ description: 'Real work depends on it.' }),
    teamId: IdSchema,
    applicationId: IdSchema,
    applicationName: Type.String(),
    createdAt: DateTimeSchema,
    credential: Type.Union(
      [Type.Object({ createdAt: DateTimeSchema, lastUsedAt: Type.Union([DateTimeSchema, Type.Null()]) }), Type.Null()],
      { description: 'Null as long as none was issued.' },
    ),
  },
  { $id: 'Instance' },
)
export type Instance = Static<typeof InstanceSchema>
export const InstancePageSchema = PageSchema('instances', InstanceSchema)
export type InstancePage = Static<typeof InstancePageSchema>

export const CreateInstanceSchema = Type.Object(
  {
    applicationId: IdSchema,
    name: NameSchema(100, 'line-4-packer'),
    url: InstanceUrlSchema,
    production: Type.Optional(Type.Boolean()),
  },
  { $id: 'CreateInstance', ...closed },
)
export type CreateInstance = Static<typeof CreateInstanceSchema>

export const UpdateInstanceSchema = Type.Object(
  {
    name: Type.Optional(NameSchema(100, 'line-4-packer')),
    url: Type.Optional(InstanceUrlSchema),
    production: Type.Optional(Type.Boolean()),
  },
  { $id: 'UpdateInstance', minProperties: 1, ...closed },
)
export type UpdateInstance = Static<typeof UpdateInstanceSchema>

/** The instance's own credential: shown once. Issuing a new one ends the one before at once. */
export const IssuedCredentialSchema = Type.Object(
  { credential: Type.String({ description: 'Set it as FORGE_PROJECT_TOKEN.', examples: ['fft_EXAMPLE'] }) },
  { $id: 'IssuedCredential' },
)
export type IssuedCredential = Static<typeof IssuedCredentialSchema>
