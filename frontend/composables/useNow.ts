import { onUnmounted, readonly, ref, type Ref } from 'vue'

const TICK_MS = 15_000

/** The time, epoch ms, moving on while the component lives: "in 2 minutes" must not stay on a page left open. */
export function useNow(): Readonly<Ref<number>> {
  const now = ref<number>(Date.now())
  const timer = setInterval(() => (now.value = Date.now()), TICK_MS)
  onUnmounted(() => clearInterval(timer))
  return readonly(now)
}
