import type { Revocation } from '@contract/revocation.ts'
import { onUnmounted, ref, shallowRef } from 'vue'

/** Instances confirm within a moment: a person watches it happen. */
const ASK_EVERY_MS = 500
/** Whoever has not confirmed by then asks the forge by itself before long. */
const PATIENCE_MS = 10_000

/**
 * Follows how instances confirm that a token is revoked, until all have or it takes too long.
 * @param peek asks how far it has got
 */
export function useRevocation<Token extends object>(peek: (token: Token) => Promise<Revocation>) {
  const token = shallowRef<Token | null>(null)
  const standing = shallowRef<Revocation | null>(null)
  const isOver = ref<boolean>(false)
  let timer: ReturnType<typeof setTimeout> | undefined

  function follow(revoked: Token): void {
    dismiss()
    token.value = revoked
    isOver.value = false
    void ask(revoked, Date.now() + PATIENCE_MS)
  }

  async function ask(revoked: Token, until: number): Promise<void> {
    const found = await peek(revoked).catch(() => null)
    if (token.value !== revoked) return

    if (found) standing.value = found
    isOver.value = found?.waiting === 0 || Date.now() >= until
    if (!isOver.value) timer = setTimeout(() => void ask(revoked, until), ASK_EVERY_MS)
  }

  function dismiss(): void {
    clearTimeout(timer)
    token.value = null
    standing.value = null
  }

  onUnmounted(dismiss)
  return { token, standing, isOver, follow, dismiss }
}
