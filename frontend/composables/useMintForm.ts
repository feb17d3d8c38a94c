import type { PreviewToken } from '@contract/explain.ts'
import type { TokenTargets } from '@contract/targets.ts'
import type { CreateToken } from '@contract/token.ts'
import { computed, reactive, ref, watch, type Ref } from 'vue'

import { clientName } from '../domain/clients.ts'
import { DEFAULT_EXPIRY, expiryMoment, isEndless } from '../domain/expiry.ts'
import { highestAllowed, limitsOf } from '../domain/limits.ts'
import { listTargets } from '../domain/reach.ts'
import { isAbove } from '../domain/roles.ts'
import {
  checkFields,
  FIELD_OF_CODE,
  grantsOf,
  toolListOf,
  type FieldErrors,
  type TokenFields,
} from '../domain/token-fields.ts'
import { messageOf, Refusal } from '../http.ts'

/** What becomes of the form. */
export interface MintTask<Answer> {
  /** What it begins with. */
  start?: Partial<TokenFields>
  /** For which client it is (domain/clients.ts), where somebody has said so. */
  client?: string
  send(input: CreateToken): Promise<Answer>
}

/** The state of the form that mints a token, or lets a program have one. @param now epoch ms */
export function useMintForm<Answer>(targetsAnswer: Ref<TokenTargets>, now: Ref<number>, task: MintTask<Answer>) {
  // The least that is of use: tools that only read.
  const fields = reactive<TokenFields>({
    name: '',
    description: '',
    chosen: new Set(),
    role: 'viewer',
    readOnly: true,
    tools: null,
    expiry: DEFAULT_EXPIRY,
    reason: '',
    ...task.start,
  })
  const client = ref<string>(task.client ?? '')
  const refused = ref<FieldErrors>({})
  const formError = ref<string>('')
  const submitted = ref<boolean>(false)
  const busy = ref<boolean>(false)

  const targets = computed(() => listTargets(targetsAnswer.value))
  const chosenTargets = computed(() => targets.value.filter(({ key }) => fields.chosen.has(key)))
  const limits = computed(() => limitsOf(chosenTargets.value))
  const endsAt = computed(() => expiryMoment(fields.expiry, now.value, limits.value.days.most))
  const needsReason = computed(() => limits.value.approvers.length > 0)

  const found = computed(() =>
    checkFields(fields, { limits: limits.value, needsReason: needsReason.value, now: now.value }),
  )
  // Nothing is called wrong before the person asked for the token.
  const errors = computed<FieldErrors>(() => (submitted.value ? { ...refused.value, ...found.value } : {}))

  /** What to ask the forge about before minting; null as long as there is nothing to ask. */
  const wish = computed<PreviewToken | null>(() => {
    if (found.value.chosen !== undefined || found.value.expiry !== undefined) return null
    return restrictions(Date.now())
  })

  watch(limits, (now) => obey(fields, now), { immediate: true })
  watch(client, (id, before) => nameAfter(fields, clientName(id), clientName(before)))
  if (fields.name === '') nameAfter(fields, clientName(client.value), '')
  watch(fields, () => (refused.value = {}))

  function restrictions(at: number): PreviewToken {
    const { role, readOnly, expiry } = fields
    const reason = fields.reason.trim()
    const tools = toolListOf(fields)
    return {
      role,
      readOnly,
      ...(tools === null ? {} : { tools }),
      grants: grantsOf(chosenTargets.value),
      expiresAt: expiryMoment(expiry, at, limits.value.days.most)?.toISOString() ?? null,
      ...(needsReason.value && reason !== '' ? { reason } : {}),
    }
  }

  /** The answer, or null when something is to be put right first. */
  async function submit(): Promise<Answer | null> {
    if (busy.value) return null

    submitted.value = true
    refused.value = {}
    formError.value = ''
    if (Object.keys(found.value).length > 0) return null

    busy.value = true
    try {
      const description = fields.description.trim()
      const words = { name: fields.name.trim(), ...(description === '' ? {} : { description }) }
      return await task.send({ ...words, ...restrictions(Date.now()) })
    } catch (reason) {
      const field = reason instanceof Refusal ? FIELD_OF_CODE[reason.code] : undefined
      if (field) refused.value = { [field]: messageOf(reason) }
      if (!field) formError.value = messageOf(reason)
      return null
    } finally {
      busy.value = false
    }
  }

  return { client, fields, errors, formError, busy, targets, chosenTargets, limits, endsAt, wish, submit }
}

/** A name that the person has not typed follows the client. */
function nameAfter(fields: TokenFields, name: string, before: string): void {
  if (fields.name === '' || fields.name === before) Object.assign(fields, { name })
}

/** What the rules no longer leave becomes the most that they do. */
function obey(fields: TokenFields, limits: ReturnType<typeof limitsOf>): void {
  const highest = highestAllowed(limits)
  const { expiry } = fields
  if (highest !== null && isAbove(fields.role, highest)) Object.assign(fields, { role: highest })
  if (limits.readOnly !== '') Object.assign(fields, { readOnly: true })

  const isTooLong =
    (expiry.kind === 'days' && expiry.days > limits.days.most) || (isEndless(expiry) && limits.end !== '')
  const days = Math.min(limits.days.most, 30)
  if (isTooLong) Object.assign(fields, { expiry: { kind: 'days', days } })
}
