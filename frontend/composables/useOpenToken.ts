import { computed } from 'vue'
import { useRoute, useRouter, type RouteLocationRaw } from 'vue-router'

/**
 * Which token is looked at closely, kept in the address: it can be linked to, reloaded, and "back" closes it. The
 * filters of the list stay beside it.
 */
export function useOpenToken() {
  const route = useRoute()
  const router = useRouter()

  const openId = computed(() => (typeof route.query['token'] === 'string' ? route.query['token'] : null))

  const linkTo = (id: string): RouteLocationRaw => ({ query: { ...route.query, token: id } })

  async function close(): Promise<void> {
    const { token: _, ...query } = route.query
    await router.replace({ query })
  }

  return { openId, linkTo, close }
}
