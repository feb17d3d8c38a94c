import type { PageQuery } from '@contract/common.ts'

interface Page {
  meta: { next_cursor?: string }
}

const PAGE_SIZE = 200

/** Reads a list to its end: those of the pages are as long as one person, one team or one platform has use for. */
export async function collectPages<P extends Page, Item>(
  fetchPage: (page: PageQuery) => Promise<P>,
  itemsOf: (page: P) => Item[],
): Promise<Item[]> {
  const items: Item[] = []
  let cursor: string | undefined
  do {
    const page = await fetchPage({ limit: PAGE_SIZE, ...(cursor === undefined ? {} : { cursor }) })
    items.push(...itemsOf(page))
    cursor = page.meta.next_cursor
  } while (cursor !== undefined)
  return items
}
