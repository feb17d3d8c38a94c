import { ref } from 'vue'

import { useAction } from './useAction.ts'
import { useResource } from './useResource.ts'

interface Page<Item> {
  items: Item[]
  /** How many there are in all. */
  count: number
  next: string | undefined
}

/** A list that is too long to be read to its end: a page of it, and more on demand. */
export function usePagedList<Item>(fetchPage: (cursor?: string) => Promise<Page<Item>>) {
  /** How many the person had asked to see; reading anew does not take them away again. */
  const wanted = ref<number>(0)

  const { value, error, loading, load } = useResource<Page<Item>>(async () => {
    let page = await fetchPage()
    while (page.next !== undefined && page.items.length < wanted.value) page = join(page, await fetchPage(page.next))
    return page
  })

  const more = useAction(async () => {
    const shown = value.value
    if (shown?.next === undefined) return
    const page = join(shown, await fetchPage(shown.next))
    // Another filter was chosen meanwhile: these belong to the list before.
    if (value.value !== shown) return
    value.value = page
    wanted.value = page.items.length
  })

  /** Reads from the start, as after another choice of what to see. */
  function restart(): Promise<void> {
    wanted.value = 0
    return load()
  }

  return { value, error, loading, restart, reload: load, more }
}

const join = <Item>(first: Page<Item>, second: Page<Item>): Page<Item> => ({
  ...second,
  items: [...first.items, ...second.items],
})
