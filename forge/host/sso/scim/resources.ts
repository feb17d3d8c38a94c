import type { ScimGroupRow, ScimUserRow } from './model.ts'
import type { MoreAttributes, UserDocument } from './user-document.ts'

export const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group'

/** What another resource is called where it is pointed at. */
export interface Reference {
  id: string
  display: string
}

export type Resource = Record<string, unknown> & { id: string }

export function documentOf({ userName, externalId, active, attributes }: ScimUserRow): UserDocument {
  return { userName, externalId, active, ...(JSON.parse(attributes) as MoreAttributes) }
}

/** @param groups those that the person is in */
export function presentScimUser(address: string, row: ScimUserRow, groups: Reference[]): Resource {
  const { userName, externalId, active, displayName, name, emails } = documentOf(row)
  return {
    schemas: [USER_SCHEMA],
    id: row.id,
    userName,
    ...assigned({ externalId, displayName, name, emails }),
    active,
    ...assigned({ groups: groups.map((group) => pointer(`${address}/Groups`, group, 'direct')) }),
    meta: metaOf('User', `${address}/Users/${row.id}`, row),
  }
}

/** @param members null when nobody asks for them: there may be thousands */
export function presentScimGroup(address: string, row: ScimGroupRow, members: Reference[] | null): Resource {
  return {
    schemas: [GROUP_SCHEMA],
    id: row.id,
    displayName: row.displayName,
    ...assigned({ externalId: row.externalId }),
    ...(members === null ? {} : { members: members.map((member) => pointer(`${address}/Users`, member, 'User')) }),
    meta: metaOf('Group', `${address}/Groups/${row.id}`, row),
  }
}

/** Without what is unassigned (RFC 7643 section 2.5). */
function assigned(attributes: Record<string, unknown>): Record<string, unknown> {
  const isAssigned = (value: unknown) => value !== null && (typeof value !== 'object' || Object.keys(value).length > 0)
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => isAssigned(value)))
}

const pointer = (list: string, { id, display }: Reference, type: string) => ({
  value: id,
  $ref: `${list}/${id}`,
  display,
  type,
})

function metaOf(resourceType: string, location: string, row: ScimUserRow | ScimGroupRow) {
  const { createdAt, updatedAt } = row
  return {
    resourceType,
    created: createdAt.toISOString(),
    lastModified: updatedAt.toISOString(),
    location,
    version: etagOf(row),
  }
}

/** Weak: of the same version there are several representations. */
export function etagOf({ version }: { version: number }): string {
  return `W/"${version}"`
}

/** Whether a header `If-Match` or `If-None-Match` names this version; compared weakly (RFC 9110 section 8.8.3.2). */
export function namesVersion(header: string, row: { version: number }): boolean {
  const wanted = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return wanted.includes('*') || wanted.includes(`"${row.version}"`)
}
