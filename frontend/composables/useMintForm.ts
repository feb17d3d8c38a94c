import type { Role } from '@contract/role.ts'
import type { TokenTargets } from '@contract/targets.ts'
import type { CreatedToken, CreateToken } from '@contract/token.ts'
import { computed, reactive, ref, watch, type Ref } from 'vue'

import * as api from '../api.ts'
import { checkExpiry, DEFAULT_EXPIRY, expiryMoment, type ExpiryChoice } from '../domain/expiry.ts'
import { highestRole, listTargets } from '../domain/reach.ts'
import { isAbove } from '../domain/roles.ts'
import { checkName } from '../domain/text-rules.ts'
import { messageOf, Refusal } from '../http.ts'

export interface MintFields {
  name: string
  description: string
  /** Keys of what was chosen (domain/reach.ts). */
  chosen: ReadonlySet<string>
  role: Role
  readOnly: boolean
  expiry: ExpiryChoice
}

export type MintField = keyof MintFields
export type MintErrors = Partial<Record<MintField, string>>

/** Fields in the order of the page: the first one that is wrong gets the focus. */
export const MINT_FIELDS: readonly MintField[] = ['name', 'description', 'chosen', 'role', 'readOnly', 'expiry']

/** Refusals of the forge that belong to one field. */
const FIELD_OF_CODE: Partial<Record<string, MintField>> = {
  invalid_expiry: 'expiry',
  role_too_high: 'role',
}

/** The state of the form that mints a token. @param now epoch ms */
export function useMintForm(targetsAnswer: Ref<TokenTargets | null>, now: Ref<number>) {
  // The least that is of use: tools that only read.
  const fields = reactive<MintFields>({
    name: '',
    description: '',
    chosen: new Set(),
    role: 'viewer',
    readOnly: true,
    expiry: DEFAULT_EXPIRY,
  })
  const refused = ref<MintErrors>({})
  const formError = ref<string>('')
  const submitted = ref<boolean>(false)
  const busy = ref<boolean>(false)

  const targets = computed(() => (targetsAnswer.value ? listTargets(targetsAnswer.value) : []))
  const chosenTargets = computed(() => targets.value.filter(({ key }) => fields.chosen.has(key)))
  const roleLimit = computed(() => highestRole(chosenTargets.value))
  const endsAt = computed(() => expiryMoment(fields.expiry, now.value))

  // Nothing is called wrong before the person asked for the token.
  const errors = computed<MintErrors>(() =>
    submitted.value ? { ...refused.value, ...checkFields(fields, now.value) } : {},
  )

  watch(roleLimit, (limit) => {
    if (limit !== null && isAbove(fields.role, limit)) fields.role = limit
  })
  watch(fields, () => (refused.value = {}))

  /** The minted token, or null when something is to be put right first. */
  async function submit(): Promise<CreatedToken | null> {
    if (busy.value) return null

    submitted.value = true
    refused.value = {}
    formError.value = ''
    const input = inputOf(fields, chosenTargets.value, Date.now())
    if (input === null) return null

    busy.value = true
    try {
      return await api.createToken(input)
    } catch (reason) {
      const field = reason instanceof Refusal ? FIELD_OF_CODE[reason.code] : undefined
      if (field) refused.value = { [field]: messageOf(reason) }
      if (!field) formError.value = messageOf(reason)
      return null
    } finally {
      busy.value = false
    }
  }

  return { fields, errors, formError, busy, targets, chosenTargets, roleLimit, endsAt, submit }
}

function checkFields(fields: MintFields, now: number): MintErrors {
  const found: Record<MintField, string | null> = {
    name: checkName(fields.name, 'a name by which you will know this token'),
    description: fields.description.length > 1000 ? 'Use at most 1000 characters.' : null,
    chosen:
      fields.chosen.size === 0 ? 'Choose at least one instance, application or team.' : tooMany(fields.chosen.size),
    role: null,
    readOnly: null,
    expiry: checkExpiry(fields.expiry, now),
  }
  return Object.fromEntries(Object.entries(found).filter(([, error]) => error !== null))
}

const tooMany = (count: number): string | null =>
  count > 100 ? 'Choose at most 100. A whole application or team counts as one.' : null

/** The request for what was typed; null when a field is wrong. */
function inputOf(
  fields: MintFields,
  chosen: readonly Pick<CreateToken['grants'][number], 'type' | 'id'>[],
  now: number,
): CreateToken | null {
  const endsAt = expiryMoment(fields.expiry, now)
  if (endsAt === null || Object.keys(checkFields(fields, now)).length > 0) return null

  const description = fields.description.trim()
  return {
    name: fields.name.trim(),
    ...(description === '' ? {} : { description }),
    role: fields.role,
    readOnly: fields.readOnly,
    grants: chosen.map(({ type, id }) => ({ type, id })),
    expiresAt: endsAt.toISOString(),
  }
}
