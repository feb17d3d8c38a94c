import { DEFAULT_POLICY } from '@contract/default-policy.ts'
import type { PolicyImpact } from '@contract/oversight.ts'
import type { TokenPolicy } from '@contract/policy.ts'
import { computed, ref, shallowRef, watch } from 'vue'

import * as api from '../api.ts'
import { checkPolicy, differingFields, type PolicyField } from '../domain/policy.ts'
import { useAction } from './useAction.ts'
import { useFormChecks } from './useFormChecks.ts'
import { useResource } from './useResource.ts'

/**
 * A team's policy: what holds, what the person has made of it, and what that would do. Only what was looked at can be
 * saved: each change of the draft takes the impact, and with it the way to save, away again.
 */
export function usePolicy(teamId: () => string) {
  const { value: saved, error, loading, load } = useResource(() => api.getTokenPolicy(teamId()))
  const draft = ref<TokenPolicy>(copy(DEFAULT_POLICY))
  const impact = shallowRef<PolicyImpact | null>(null)
  /** Whether the last thing that happened is that it was saved. */
  const justSaved = ref<boolean>(false)

  watch(saved, (policy) => {
    if (policy) draft.value = copy(policy)
  })
  watch(
    draft,
    () => {
      impact.value = null
      if (unsaved.value.size > 0) justSaved.value = false
    },
    { deep: true, flush: 'sync' },
  )

  const unsaved = computed(() => fieldsThatDiffer(saved.value, draft.value))
  const unlikeDefault = computed(() => fieldsThatDiffer(saved.value, DEFAULT_POLICY))

  const trial = useFormChecks(
    () => checkPolicy(draft.value),
    async () => {
      const tried = copy(draft.value)
      const answer = await api.tryTokenPolicy(teamId(), tried)
      // Changed while the forge was counting: then it has counted something else.
      if (differingFields(tried, draft.value).length === 0) impact.value = answer
    },
  )
  const saving = useAction(async () => {
    saved.value = await api.saveTokenPolicy(teamId(), draft.value)
    impact.value = null
    justSaved.value = true
  })

  /** Back to what holds in the forge now. */
  async function discard(): Promise<void> {
    trial.error.value = ''
    saving.error.value = ''
    await load()
    if (saved.value) draft.value = copy(saved.value)
  }

  return { saved, draft, unsaved, unlikeDefault, impact, justSaved, trial, saving, error, loading, load, discard }
}

const fieldsThatDiffer = (a: TokenPolicy | null, b: TokenPolicy): ReadonlySet<PolicyField> =>
  new Set(a === null ? [] : differingFields(a, b))

const copy = (policy: TokenPolicy): TokenPolicy => ({ ...policy, grantTypes: [...policy.grantTypes] })
