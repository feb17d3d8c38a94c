import type { SeenSlip } from '@contract/slips.ts'
import type { Use } from '@contract/token.ts'
import { onMounted, onUnmounted, ref, shallowRef } from 'vue'

import * as api from '../api.ts'

/** Often while somebody is at it, seldom when they have gone for a coffee. */
const SOON_MS = 3_000
const LATER_MS = 15_000
const SOON_FOR_MS = 3 * 60_000
/** Then something is wrong, and it is time to say what it usually is. */
const LATE_MS = 10 * 60_000

/**
 * Waits for the first use of a token, and for what is presented in its place. Asks at modest intervals, and not while nobody looks; what the forge cannot tell
 * now it tells the next time, and a session that has ended interrupts nobody.
 */
export function useFirstCall(id: string) {
  const use = shallowRef<Use | null>(null)
  const slips = shallowRef<readonly SeenSlip[]>([])
  const isLate = ref<boolean>(false)
  const isPaused = ref<boolean>(false)
  const started = Date.now()
  let timer: ReturnType<typeof setTimeout> | undefined

  async function ask(): Promise<void> {
    const found = await api.peekFirstCall(id).catch(() => null)
    if (found) [use.value, slips.value] = [found.lastUse, found.slips]
    isLate.value = use.value === null && Date.now() - started >= LATE_MS
    next()
  }

  function next(): void {
    clearTimeout(timer)
    isPaused.value = document.hidden
    if (use.value !== null || document.hidden || stopped) return
    timer = setTimeout(() => void ask(), Date.now() - started < SOON_FOR_MS ? SOON_MS : LATER_MS)
  }

  /** Who comes back is told at once. */
  function look(): void {
    if (document.hidden) return next()
    if (use.value === null) void ask()
  }

  let stopped = false
  onMounted(() => {
    document.addEventListener('visibilitychange', look)
    next()
  })
  onUnmounted(() => {
    stopped = true
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', look)
  })

  return { use, slips, isLate, isPaused }
}
