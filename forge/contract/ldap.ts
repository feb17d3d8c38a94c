import { Type, type Static } from '@sinclair/typebox'

import { DateTimeSchema } from './common.ts'
import { RequiredText, SecretText, Text } from './text.ts'

const closed = { additionalProperties: false }

/** As RFC 4512 section 1.4 names attributes. */
const AttributeName = (example: string) =>
  Type.String({ maxLength: 100, pattern: '^[A-Za-z][A-Za-z0-9-]*$', examples: [example] })

/** A part of a filter stands in parentheses (RFC 4515). */
const FilterText = (description: string, example: string) =>
  Type.String({ maxLength: 1000, pattern: '^\\(\\P{Cc}+\\)$', description, examples: [example] })

const settings = {
  url: Type.String({
    maxLength: 300,
    pattern: '^ldaps?://([a-zA-Z0-9.-]+|\\[[0-9a-fA-F:]+\\])(:[1-9][0-9]{0,4})?$',
    description: '`ldaps://`, or `ldap://` with StartTLS. Without TLS on the machine of the forge alone.',
    examples: ['ldaps://ldap.acme.example'],
  }),
  startTls: Type.Boolean({ description: 'Begin TLS on an `ldap://` connection.', examples: [false] }),
  caCertificate: Type.String({
    maxLength: 50_000,
    pattern: '^[\\n\\r\\t\\x20-\\x7e]*$',
    description: 'Authorities that may vouch for the directory, in PEM; empty: those that Node.js trusts.',
    examples: [''],
  }),
  bindDn: Text(500, 'cn=forge,ou=services,dc=acme,dc=example'),
  baseDn: RequiredText(500, 'ou=people,dc=acme,dc=example'),
  userFilter: FilterText(
    'Finds the entry of somebody by the user name that they type, which stands, escaped, for `${username}`.',
    '(&(objectClass=inetOrgPerson)(|(uid=${username})(mail=${username})))',
  ),
  usernameAttribute: AttributeName('uid'),
  nameAttribute: AttributeName('cn'),
  mailAttribute: AttributeName('mail'),
  idAttribute: AttributeName('entryUUID'),
  groupsFrom: Type.Union([Type.Literal('memberOf'), Type.Literal('search')], {
    description: 'From the attribute of the person’s entry, or by searching entries of groups.',
    examples: ['memberOf'],
  }),
  memberOfAttribute: AttributeName('memberOf'),
  groupBaseDn: Text(500, 'ou=groups,dc=acme,dc=example'),
  groupFilter: FilterText(
    'Finds the groups of somebody; `${dn}` and `${username}` stand for theirs, escaped.',
    '(|(member=${dn})(uniqueMember=${dn})(memberUid=${username}))',
  ),
  groupNameAttribute: AttributeName('cn'),
  nestedGroups: Type.Boolean({ description: 'Who is in a group is in the groups that it is in.', examples: [false] }),
  checkMinutes: Type.Integer({
    minimum: 1,
    maximum: 1440,
    description: 'How often the forge looks whether people are still there, and in which groups.',
    examples: [15],
  }),
}

export const LdapSettingsSchema = Type.Object(settings, closed)
export type LdapSettings = Static<typeof LdapSettingsSchema>

export const LdapInputSchema = Type.Object(
  {
    ...settings,
    bindPassword: Type.Optional(
      SecretText(1000, 'Kept encrypted, and never shown. Left out: as it was.', 'what the directory gave out'),
    ),
  },
  closed,
)
export type LdapInput = Static<typeof LdapInputSchema>

/** The step at which a directory could not be asked. */
export const LdapFaultSchema = Type.Union([
  Type.Literal('ldap_connect'),
  Type.Literal('ldap_timeout'),
  Type.Literal('ldap_start_tls'),
  Type.Literal('ldap_certificate'),
  Type.Literal('ldap_bind'),
  Type.Literal('ldap_base'),
  Type.Literal('ldap_search'),
  Type.Literal('ldap_no_id'),
])
export type LdapFault = Static<typeof LdapFaultSchema>

/** What came of looking for one person, where it is not the person. */
export const LdapMissSchema = Type.Union([
  Type.Literal('ldap_nobody'),
  Type.Literal('ldap_several'),
  Type.Literal('ldap_disabled'),
  Type.Literal('ldap_password'),
])
export type LdapMiss = Static<typeof LdapMissSchema>

/** What the last look at the people of a directory said. */
export const LdapCheckSchema = Type.Object(
  {
    at: DateTimeSchema,
    problem: Type.Union([LdapFaultSchema, Type.Literal('ldap_suspicious'), Type.Null()], {
      description: 'Why nothing was changed; null when everybody could be looked at.',
    }),
    people: Type.Integer({ description: 'Who are linked and were looked at.' }),
    ended: Type.Integer({ description: 'Whose access ended, since they are gone or disabled.' }),
    changed: Type.Integer({ description: 'Whose groups had changed.' }),
  },
  { $id: 'LdapCheck' },
)
export type LdapCheck = Static<typeof LdapCheckSchema>

/** A NUL ends the text for some directories, and an empty password is no proof to any (RFC 4513 section 5.1.2). */
const Password = (example: string) =>
  Type.String({ minLength: 1, maxLength: 256, pattern: '^[^\\u0000]+$', examples: [example] })

/** What somebody proves themselves with to a directory. */
export const LdapLoginSchema = Type.Object(
  {
    username: Type.String({ minLength: 1, maxLength: 254, pattern: '^\\P{Cc}+$', examples: ['alice'] }),
    password: Password('correct horse battery staple'),
  },
  { $id: 'LdapLogin', ...closed },
)
export type LdapLogin = Static<typeof LdapLoginSchema>

export const LdapTrialSchema = Type.Object(
  {
    username: Type.String({ minLength: 1, maxLength: 254, pattern: '^\\P{Cc}+$', examples: ['alice'] }),
    password: Type.Optional(Password('Left out: the entry is looked at, and no password is tried.')),
  },
  { $id: 'LdapTrial', ...closed },
)
export type LdapTrial = Static<typeof LdapTrialSchema>
