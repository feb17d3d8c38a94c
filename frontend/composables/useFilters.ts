import { computed, type ComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/**
 * What a list is narrowed to, kept in the address: a filtered list can be reloaded, linked to, and gone back to. What
 * has its default value is left out of the address.
 */
export function useFilters<Filters extends Record<string, string>>(defaults: Filters) {
  const route = useRoute()
  const router = useRouter()
  const ownPath = route.path

  const filters: ComputedRef<Filters> = computed((before?: Filters) => {
    // On the way to another page its address is there already: that is nothing to look for here.
    if (before && route.path !== ownPath) return before

    const given = Object.keys(defaults).flatMap((name) => {
      const value = route.query[name]
      return typeof value === 'string' ? [[name, value]] : []
    })
    return { ...defaults, ...Object.fromEntries(given) } as Filters
  })
  const isNarrowed = computed(() => Object.keys(defaults).some((name) => filters.value[name] !== defaults[name]))

  async function change(changes: Partial<Filters>): Promise<void> {
    const next = Object.entries<string | undefined>({ ...filters.value, ...changes })
    const query = Object.fromEntries(next.filter(([name, value]) => value !== defaults[name]))
    await router.replace({ query })
  }

  const clear = () => router.replace({ query: {} })

  return { filters, isNarrowed, change, clear }
}
