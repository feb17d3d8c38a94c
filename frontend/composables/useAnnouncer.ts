import { nextTick, readonly, ref } from 'vue'

const message = ref<string>('')
const SHOWN_MS = 8_000
let timer: ReturnType<typeof setTimeout> | undefined

/**
 * The one place where the pages say that something was done. App.vue shows it in a `role="status"` that is there from
 * the start: screen readers do not announce a region that appears together with its text (WCAG 4.1.3).
 */
export function useAnnouncer() {
  return { message: readonly(message), announce, dismiss }
}

async function announce(text: string): Promise<void> {
  clearTimeout(timer)
  // The same words twice are announced twice only if the region was empty in between.
  message.value = ''
  await nextTick()
  message.value = text
  timer = setTimeout(dismiss, SHOWN_MS)
}

function dismiss(): void {
  clearTimeout(timer)
  message.value = ''
}
