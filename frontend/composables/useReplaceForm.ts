import type { CreatedToken } from '@contract/token.ts'
import { computed, ref } from 'vue'

import * as api from '../api.ts'
import { GRACES } from '../domain/grace.ts'
import { checkReason } from '../domain/text-rules.ts'
import { messageOf, Refusal } from '../http.ts'

/** The state of the form that replaces a token by a new one. */
export function useReplaceForm(id: () => string) {
  const grace = ref<string>(GRACES[0]?.key ?? '')
  const reason = ref<string>('')
  /** The forge knows which approvals pass over to the new one, so it says when it wants a reason. */
  const reasonWanted = ref<boolean>(false)
  const submitted = ref<boolean>(false)
  const busy = ref<boolean>(false)
  const error = ref<string>('')

  const reasonError = computed(() => (reasonWanted.value && submitted.value ? checkReason(reason.value) : null))

  /** The new token, or null when something is to be put right first. */
  async function submit(): Promise<CreatedToken | null> {
    if (busy.value) return null

    submitted.value = true
    error.value = ''
    if (reasonError.value !== null) return null

    busy.value = true
    try {
      const said = reason.value.trim()
      const input = GRACES.find(({ key }) => key === grace.value)?.input ?? {}
      return await api.rotateToken(id(), reasonWanted.value ? { ...input, reason: said } : input)
    } catch (refusal) {
      error.value = messageOf(refusal)
      if (refusal instanceof Refusal && refusal.code === 'reason_required') askForReason()
      return null
    } finally {
      busy.value = false
    }
  }

  function askForReason(): void {
    reasonWanted.value = true
    submitted.value = false
  }

  return { grace, reason, reasonWanted, reasonError, busy, error, submit }
}
