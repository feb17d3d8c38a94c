import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'

import { messageOf } from '../http.ts'

export interface Resource<Value> {
  /** What was loaded last; stays while it is loaded anew. */
  value: ShallowRef<Value | null>
  /** The sentence to show when loading failed; empty when it did not. */
  error: Ref<string>
  loading: Ref<boolean>
  load(): Promise<void>
}

/** The state of something that a page loads. An answer that a later call has overtaken is dropped. */
export function useResource<Value>(fetchValue: () => Promise<Value>): Resource<Value> {
  const value = shallowRef<Value | null>(null)
  const error = ref<string>('')
  const loading = ref<boolean>(true)
  let latest = 0

  async function load(): Promise<void> {
    const call = ++latest
    loading.value = true
    try {
      const answer = await fetchValue()
      if (call !== latest) return
      value.value = answer
      error.value = ''
    } catch (reason) {
      if (call !== latest) return
      error.value = messageOf(reason)
    }
    loading.value = false
  }

  return { value, error, loading, load }
}
