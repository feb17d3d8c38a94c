import type { Preview, PreviewToken } from '@contract/explain.ts'
import { onUnmounted, shallowRef, watch, type Ref } from 'vue'

import * as api from '../api.ts'
import { useResource } from './useResource.ts'

/** Long enough for a few clicks in a row, short enough to feel like an answer to the last one. */
const QUIET_MS = 400

/** What the forge would say to a wish, asked once the person pauses. Null while there is nothing to ask about. */
export function usePreview(wish: Ref<PreviewToken | null>) {
  const asked = shallowRef<PreviewToken | null>(null)
  const {
    value: preview,
    error,
    load,
  } = useResource<Preview | null>(async () => (asked.value === null ? null : api.previewToken(asked.value)))
  let timer: ReturnType<typeof setTimeout> | undefined

  watch(
    () => JSON.stringify(wish.value && { ...wish.value, expiresAt: dayOf(wish.value.expiresAt) }),
    () => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        asked.value = wish.value
        void load()
      }, QUIET_MS)
    },
    { immediate: true },
  )
  onUnmounted(() => clearTimeout(timer))

  return { preview, error }
}

/** The end moves on with the clock; that alone is no new question. */
const dayOf = (iso: string | null): string | null => iso && iso.slice(0, 'YYYY-MM-DD'.length)
