import { ref, type Ref } from 'vue'

import { messageOf } from '../http.ts'

export interface Action<Input extends unknown[]> {
  busy: Ref<boolean>
  error: Ref<string>
  /** Whether it went well. While it runs, a second call does nothing. */
  run(...input: Input): Promise<boolean>
}

/** The state of something that a person does: running, or refused with a sentence. */
export function useAction<Input extends unknown[]>(act: (...input: Input) => Promise<unknown>): Action<Input> {
  const busy = ref<boolean>(false)
  const error = ref<string>('')

  async function run(...input: Input): Promise<boolean> {
    if (busy.value) return false

    busy.value = true
    error.value = ''
    try {
      await act(...input)
      return true
    } catch (reason) {
      error.value = messageOf(reason)
      return false
    } finally {
      busy.value = false
    }
  }

  return { busy, error, run }
}
