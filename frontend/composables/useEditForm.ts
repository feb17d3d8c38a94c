import type { PreviewToken } from '@contract/explain.ts'
import type { TokenTargets } from '@contract/targets.ts'
import type { Token } from '@contract/token.ts'
import { computed, reactive, ref, watch, type Ref } from 'vue'

import * as api from '../api.ts'
import { changesOf, requestFor } from '../domain/changes.ts'
import { expiryMoment } from '../domain/expiry.ts'
import { limitsOf } from '../domain/limits.ts'
import { keyOf, listTargets } from '../domain/reach.ts'
import {
  checkFields,
  FIELD_OF_CODE,
  grantsOf,
  toolListOf,
  type FieldErrors,
  type TokenFields,
} from '../domain/token-fields.ts'
import { messageOf, Refusal } from '../http.ts'

/** The state of the form that edits a token. @param now epoch ms @param start what was changed already */
export function useEditForm(
  token: Token,
  targetsAnswer: TokenTargets,
  now: Ref<number>,
  start: Partial<TokenFields> = {},
) {
  const targets = listTargets(targetsAnswer)
  const named = new Set(token.grants.map(keyOf))
  const fields = reactive<TokenFields>({
    name: token.name,
    description: token.description,
    chosen: new Set(targets.filter(({ key }) => named.has(key)).map(({ key }) => key)),
    role: token.role,
    readOnly: token.readOnly,
    tools: token.tools && new Set(token.tools),
    expiry: { kind: 'kept', at: token.expiresAt },
    reason: '',
    ...start,
  })
  const refused = ref<FieldErrors>({})
  const formError = ref<string>('')
  const submitted = ref<boolean>(false)
  const busy = ref<boolean>(false)

  const limits = computed(() => limitsOf(targets.filter(({ key }) => fields.chosen.has(key))))
  const changes = computed(() => changesOf(token, { fields, targets, now: now.value, maxDays: limits.value.days.most }))
  const widens = computed(() => changes.value.some(({ effect }) => effect === 'more'))
  // Less needs nobody's word; more is minting, and so is asked about anew.
  const needsReason = computed(() => widens.value && limits.value.approvers.length > 0)

  const found = computed(() => {
    const wrong = checkFields(fields, { limits: limits.value, needsReason: needsReason.value, now: now.value })
    // A token whose whole reach is gone, or that may call no tool at all, can still be renamed.
    const keeps = (name: 'grants' | 'tools') => changes.value.every(({ input }) => input[name] === undefined)
    const rest = keeps('tools') ? without(wrong, 'tools') : wrong
    return keeps('grants') ? without(rest, 'chosen') : rest
  })
  const errors = computed<FieldErrors>(() => (submitted.value ? { ...refused.value, ...found.value } : {}))

  /** What to ask the forge about the token as it would be: which tools there are, and which of them it could call. */
  const wish = computed<PreviewToken | null>(() => {
    const chosen = targets.filter(({ key }) => fields.chosen.has(key))
    const end = expiryMoment(fields.expiry, now.value, limits.value.days.most)
    if (chosen.length === 0 || found.value.expiry !== undefined) return null
    const { role, readOnly } = fields
    return {
      role,
      readOnly,
      tools: toolListOf(fields),
      grants: grantsOf(chosen),
      expiresAt: end?.toISOString() ?? null,
    }
  })

  watch(fields, () => (refused.value = {}))

  /** Whether it is as the person wants it now. */
  async function submit(): Promise<boolean> {
    if (busy.value) return false

    submitted.value = true
    refused.value = {}
    formError.value = ''
    if (Object.keys(found.value).length > 0) return false
    if (changes.value.length === 0) return true

    busy.value = true
    try {
      const reason = needsReason.value ? { reason: fields.reason.trim() } : {}
      await api.updateToken(token.id, { ...requestFor(changes.value), ...reason })
      return true
    } catch (refusal) {
      const field = refusal instanceof Refusal ? FIELD_OF_CODE[refusal.code] : undefined
      if (field) refused.value = { [field]: messageOf(refusal) }
      if (!field) formError.value = messageOf(refusal)
      return false
    } finally {
      busy.value = false
    }
  }

  return { fields, targets, limits, wish, changes, widens, needsReason, errors, formError, busy, submit }
}

function without(errors: FieldErrors, field: keyof FieldErrors): FieldErrors {
  return Object.fromEntries(Object.entries(errors).filter(([name]) => name !== field))
}
