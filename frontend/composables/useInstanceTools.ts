import type { ToolRule } from '@contract/tool-registry.ts'
import { computed, ref, shallowRef } from 'vue'

import * as api from '../api.ts'
import { Refusal } from '../http.ts'
import { changesOfRules, ruleKey, rulesToSave, savedRules, type ToolKey } from '../domain/tool-rules.ts'
import { useAction } from './useAction.ts'
import { useResource } from './useResource.ts'

/**
 * The tools of an instance, and what the person has made of the rules about them. Only what was edited is kept beside
 * what holds, so it can be put on top of what another owner has saved meanwhile.
 */
export function useInstanceTools(instanceId: () => string) {
  const { value: listed, error, loading, load } = useResource(() => api.listInstanceTools(instanceId()))
  const edited = shallowRef<ReadonlyMap<ToolKey, ToolRule>>(new Map())
  /** Whether saving found that another owner was faster. */
  const overtaken = ref<boolean>(false)

  const saved = computed(() => (listed.value ? savedRules(listed.value) : []))
  const changes = computed(() => changesOfRules(saved.value, edited.value))
  const savedByKey = computed(() => new Map(saved.value.map((rule) => [ruleKey(rule), rule])))

  /** The rule about a tool as it is on the page: what was edited, else what holds. */
  const ruleAt = (key: ToolKey): ToolRule | null => edited.value.get(key) ?? savedByKey.value.get(key) ?? null

  function edit(rule: ToolRule): void {
    edited.value = new Map([...edited.value, [ruleKey(rule), rule]])
  }

  function discard(): void {
    edited.value = new Map()
    overtaken.value = false
    saving.error.value = ''
  }

  const saving = useAction(async () => {
    if (!listed.value) return
    const rules = rulesToSave(saved.value, edited.value)
    try {
      await api.saveToolRules(instanceId(), { rules }, listed.value.rulesVersion)
    } catch (reason) {
      overtaken.value = reason instanceof Refusal && reason.status === 412
      throw reason
    }
    await load()
    discard()
  })

  /** Reads what holds by now; what was edited stays, on top of it. */
  async function catchUp(): Promise<void> {
    saving.error.value = ''
    await load()
    overtaken.value = false
  }

  return { listed, error, loading, load, changes, ruleAt, edit, discard, saving, overtaken, catchUp }
}
