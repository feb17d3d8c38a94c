import { nextTick, readonly, ref } from 'vue'

type CopyState = 'idle' | 'copied' | 'blocked'
type TextField = HTMLInputElement | HTMLTextAreaElement

/** Copies a text, and when the browser does not let us, selects it so that the person can. */
export function useCopy() {
  const state = ref<CopyState>('idle')

  async function copy(text: string, field: TextField | null): Promise<void> {
    state.value = 'idle'
    // Lets the status region empty itself, so that a second copy is announced again.
    await nextTick()
    state.value = (await writeToClipboard(text)) ? 'copied' : 'blocked'
    if (state.value === 'blocked') select(field)
  }

  return { state: readonly(state), copy }
}

/** `navigator.clipboard` is absent on plain http, and may refuse by policy or by the person's own setting. */
async function writeToClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

function select(field: TextField | null): void {
  field?.focus()
  field?.select()
}
