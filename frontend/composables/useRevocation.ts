import type { Revocation } from '@contract/revocation.ts'
import { computed, onUnmounted, ref, shallowRef } from 'vue'

/** Instances confirm within a moment: a person watches it happen. */
const ASK_EVERY_MS = 500
/** Whoever has not confirmed by then asks the forge by itself before long. */
const PATIENCE_MS = 10_000

/** What a person has ended. */
export interface Revoked {
  /** Says so. */
  title: string
  /** Asks how far it has got. */
  peek: () => Promise<Revocation>
}

/** Follows how instances confirm that something is revoked, until all have or it takes too long. */
export function useRevocation() {
  const followed = shallowRef<Revoked | null>(null)
  const title = computed(() => followed.value?.title ?? null)
  const standing = shallowRef<Revocation | null>(null)
  const isOver = ref<boolean>(false)
  let timer: ReturnType<typeof setTimeout> | undefined

  function follow(revoked: Revoked): void {
    dismiss()
    followed.value = revoked
    isOver.value = false
    void ask(revoked, Date.now() + PATIENCE_MS)
  }

  async function ask(revoked: Revoked, until: number): Promise<void> {
    const found = await revoked.peek().catch(() => null)
    if (followed.value !== revoked) return

    if (found) standing.value = found
    isOver.value = found?.waiting === 0 || Date.now() >= until
    if (!isOver.value) timer = setTimeout(() => void ask(revoked, until), ASK_EVERY_MS)
  }

  function dismiss(): void {
    clearTimeout(timer)
    followed.value = null
    standing.value = null
  }

  onUnmounted(dismiss)
  return { title, standing, isOver, follow, dismiss }
}
