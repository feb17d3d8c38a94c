import { onMounted, onUnmounted, ref } from 'vue'
import { onBeforeRouteLeave, useRouter, type RouteLocationRaw } from 'vue-router'

/**
 * Asks before the person leaves a page that holds something that cannot be shown again, or is not saved yet. Moving within the pages is
 * asked about in a dialog of ours (`asking`), closing or reloading the tab in the browser's.
 * @param holds whether there is anything to lose at this moment
 */
export function useLeaveGuard(holds: () => boolean = () => true) {
  const router = useRouter()
  const asking = ref<boolean>(false)
  let released = false
  let destination: RouteLocationRaw | null = null

  onBeforeRouteLeave((to) => {
    if (released || !holds()) return true
    destination = to.fullPath
    asking.value = true
    return false
  })

  const warn = (event: BeforeUnloadEvent) => {
    if (!released && holds()) event.preventDefault()
  }
  onMounted(() => window.addEventListener('beforeunload', warn))
  onUnmounted(() => window.removeEventListener('beforeunload', warn))

  /** Goes where the person wanted to go, or to `fallback`. */
  function leave(fallback: RouteLocationRaw): void {
    released = true
    asking.value = false
    void router.push(destination ?? fallback)
  }

  return { asking, leave }
}
