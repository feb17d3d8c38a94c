import type { Role } from '@contract/role.ts'
import type { Grant } from '@contract/grant.ts'

import { checkExpiry, isEndless, type ExpiryChoice } from './expiry.ts'
import type { Limits } from './limits.ts'
import type { Target } from './reach.ts'
import { checkName, checkReason } from './text-rules.ts'
import { t } from '../messages/messages.ts'

/** What a person says of a token that they mint or edit. */
export interface TokenFields {
  name: string
  description: string
  /** Keys of what was chosen (reach.ts). */
  chosen: ReadonlySet<string>
  role: Role
  readOnly: boolean
  /** Names of the only tools that it may call; null for no such limit. */
  tools: ReadonlySet<string> | null
  expiry: ExpiryChoice
  /** For the owners who approve it for production. */
  reason: string
}

export type TokenField = keyof TokenFields
export type FieldErrors = Partial<Record<TokenField, string>>

/** In the order of the page: the first one that is wrong gets the focus. */
export const TOKEN_FIELDS: readonly TokenField[] = [
  'name',
  'description',
  'chosen',
  'role',
  'readOnly',
  'tools',
  'expiry',
  'reason',
]

/** Refusals of the forge that belong to one field. */
export const FIELD_OF_CODE: Partial<Record<string, TokenField>> = {
  invalid_expiry: 'expiry',
  role_too_high: 'role',
  reason_required: 'reason',
}

/** What is wrong, field by field. @param needsReason whether an owner must approve it @param now epoch ms */
export function checkFields(
  fields: TokenFields,
  { limits, needsReason, now }: { limits: Limits; needsReason: boolean; now: number },
): FieldErrors {
  const found: Record<TokenField, string | null> = {
    name: checkName(fields.name, t.tokenFieldsWords.noName),
    description: fields.description.length > 1000 ? t.tokenFieldsWords.descriptionTooLong : null,
    chosen: checkChosen(fields.chosen.size),
    role: null,
    readOnly: null,
    tools: fields.tools === null ? null : checkTools(fields.tools.size),
    expiry: checkEnd(fields.expiry, limits, now),
    reason: needsReason ? checkReason(fields.reason) : null,
  }
  return Object.fromEntries(Object.entries(found).filter(([, error]) => error !== null))
}

function checkChosen(count: number): string | null {
  if (count === 0) return t.tokenFieldsWords.noPlace
  return count > 100 ? t.tokenFieldsWords.tooManyPlaces : null
}

const TOOLS_MAX = 200

function checkTools(count: number): string | null {
  if (count === 0) return t.tokenFieldsWords.noTool
  return count > TOOLS_MAX ? t.tokenFieldsWords.tooManyTools(TOOLS_MAX) : null
}

function checkEnd(choice: ExpiryChoice, { end, days }: Limits, now: number): string | null {
  if (isEndless(choice) && choice.kind !== 'kept' && end !== '') return end
  return checkExpiry(choice, now, days.most)
}

/** What was chosen, as the forge is told. */
export const grantsOf = (chosen: readonly Target[]): Grant[] => chosen.map(({ type, id }) => ({ type, id }))

/** The chosen tools, as the forge is told; in an order of their own, so that the same choice is the same list. */
export const toolListOf = ({ tools }: Pick<TokenFields, 'tools'>): string[] | null => tools && [...tools].sort()
