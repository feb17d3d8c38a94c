import { presentList, MAX_COUNT } from './lists.ts'
import { GROUP_SCHEMA, USER_SCHEMA } from './resources.ts'

/** What this endpoint says of itself (RFC 7643 sections 5 to 7). */
type Description = Record<string, unknown> & { id: string }

const CORE = 'urn:ietf:params:scim:schemas:core:2.0'

/** @param address of `/scim/v2` */
export function serviceProviderConfig(address: string) {
  const no = { supported: false }
  return {
    schemas: [`${CORE}:ServiceProviderConfig`],
    patch: { supported: true },
    bulk: { ...no, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: MAX_COUNT },
    changePassword: no,
    sort: no,
    etag: { supported: true },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description: 'The SCIM token of the identity provider, from its page.',
        specUri: 'https://www.rfc-editor.org/info/rfc6750',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${address}/ServiceProviderConfig` },
  }
}

export function resourceTypes(address: string): Description[] {
  const describe = (id: string, endpoint: string, schema: string) => ({
    schemas: [`${CORE}:ResourceType`],
    id,
    name: id,
    endpoint,
    schema,
    meta: { resourceType: 'ResourceType', location: `${address}/ResourceTypes/${id}` },
  })
  return [describe('User', '/Users', USER_SCHEMA), describe('Group', '/Groups', GROUP_SCHEMA)]
}

interface Attribute {
  name: string
  type: string
  [more: string]: unknown
}

/** An attribute as most are; what is different is said. */
function attribute(name: string, description: string, more: Partial<Attribute> = {}): Attribute {
  return {
    name,
    type: 'string',
    multiValued: false,
    description,
    required: false,
    caseExact: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    ...more,
  }
}

const readOnly = { mutability: 'readOnly' }
const immutable = { mutability: 'immutable' }
const reference = (type: string) => ({ type: 'reference', referenceTypes: [type], caseExact: true })
const complex = (subAttributes: Attribute[], more: Partial<Attribute> = {}) => ({
  type: 'complex',
  subAttributes,
  ...more,
})

const USER_ATTRIBUTES = [
  attribute('userName', 'What the provider calls the person.', { required: true, uniqueness: 'server' }),
  attribute(
    'name',
    'The parts of the name.',
    complex([
      attribute('formatted', 'All of it.'),
      attribute('familyName', 'The last name.'),
      attribute('givenName', 'The first name.'),
      attribute('middleName', 'The middle names.'),
      attribute('honorificPrefix', 'What stands before it.'),
      attribute('honorificSuffix', 'What stands after it.'),
    ]),
  ),
  attribute('displayName', 'The name as people read it.'),
  attribute('active', 'False suspends the account.', { type: 'boolean' }),
  attribute(
    'emails',
    'Addresses. The first of them must be in a domain of the provider.',
    complex(
      [
        attribute('value', 'The address.'),
        attribute('display', 'How it is shown.'),
        attribute('type', 'What for: work, home.'),
        attribute('primary', 'The one that counts.', { type: 'boolean' }),
      ],
      { multiValued: true },
    ),
  ),
  attribute(
    'groups',
    'The groups that the person is in.',
    complex(
      [
        attribute('value', 'The id of the group.', readOnly),
        attribute('$ref', 'Where it is.', { ...reference('Group'), ...readOnly }),
        attribute('display', 'What it is called.', readOnly),
        attribute('type', 'direct', readOnly),
      ],
      { multiValued: true, ...readOnly },
    ),
  ),
]

const GROUP_ATTRIBUTES = [
  attribute('displayName', 'What roles are found by.', { required: true, uniqueness: 'server' }),
  attribute(
    'members',
    'People.',
    complex(
      [
        attribute('value', 'The id of the person.', immutable),
        attribute('$ref', 'Where they are.', { ...reference('User'), ...immutable }),
        attribute('display', 'The userName.', readOnly),
        attribute('type', 'User', immutable),
      ],
      { multiValued: true },
    ),
  ),
]

export function schemas(address: string): Description[] {
  const describe = (id: string, name: string, attributes: Attribute[]) => ({
    schemas: [`${CORE}:Schema`],
    id,
    name,
    description: `${name} as it is kept here`,
    attributes,
    meta: { resourceType: 'Schema', location: `${address}/Schemas/${id}` },
  })
  return [describe(USER_SCHEMA, 'User', USER_ATTRIBUTES), describe(GROUP_SCHEMA, 'Group', GROUP_ATTRIBUTES)]
}

export function describeAll(descriptions: Description[]) {
  return presentList(descriptions.length, { offset: 0, limit: descriptions.length }, descriptions)
}
