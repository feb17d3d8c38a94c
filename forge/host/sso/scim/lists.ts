import type { Resource } from './resources.ts'

const LIST_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'

const DEFAULT_COUNT = 100
/** Further on there is nothing, and databases count no further. */
const MAX_OFFSET = 1_000_000_000
export const MAX_COUNT = 200

/** RFC 7644 section 3.4.2.4: from 1 on; what is out of range is read as the next that is in it. */
export interface PageWish {
  filter?: string
  startIndex?: number
  count?: number
}

export interface Page {
  limit: number
  offset: number
}

export function pageOf({ startIndex = 1, count = DEFAULT_COUNT }: PageWish): Page {
  return { offset: Math.min(MAX_OFFSET, Math.max(0, startIndex - 1)), limit: Math.min(MAX_COUNT, Math.max(0, count)) }
}

export function presentList(total: number, { offset }: Page, resources: Resource[]) {
  return {
    schemas: [LIST_SCHEMA],
    totalResults: total,
    startIndex: offset + 1,
    itemsPerPage: resources.length,
    Resources: resources,
  }
}
