import type { NamedGrant, Token, UpdateToken } from '@contract/token.ts'

import { formatMoment } from './dates.ts'
import { expiryMoment, isEndless } from './expiry.ts'
import { describeGrant } from './grants.ts'
import { includedIn, keyOf, type Target } from './reach.ts'
import { isAbove, ROLE_NAMES } from './roles.ts'
import { grantsOf, toolListOf, type TokenFields } from './token-fields.ts'
import { t } from '../messages/messages.ts'

/** Whether a change gives the token less power, more, or only other words. */
export type Effect = 'words' | 'less' | 'more'

export interface Change {
  effect: Effect
  text: string
  /** What the forge is asked for. */
  input: UpdateToken
}

interface Edited {
  fields: TokenFields
  targets: readonly Target[]
  /** Epoch ms. */
  now: number
  /** The longest life that there may be, in days. */
  maxDays: number
}

/** What an edited token would be other than before, in words and for the forge. */
export function changesOf(token: Token, edited: Edited): Change[] {
  const { fields } = edited
  const name = fields.name.trim()
  const description = fields.description.trim()
  const found: (Change | null)[] = [
    name === token.name ? null : { effect: 'words', text: t.changesWords.itIsCalled(name), input: { name } },
    description === token.description
      ? null
      : { effect: 'words', text: t.changesWords.itHasAnotherDescription, input: { description } },
    changeOfRole(token, fields),
    changeOfReadOnly(token, fields),
    changeOfTools(token, fields),
    changeOfGrants(token, edited),
    changeOfExpiry(token, edited),
  ]
  return found.filter((change) => change !== null)
}

/** Everything in one request. */
export const requestFor = (changes: readonly Change[]): UpdateToken =>
  Object.assign({}, ...changes.map(({ input }) => input)) as UpdateToken

function changeOfRole(token: Token, { role }: TokenFields): Change | null {
  if (role === token.role) return null
  const effect = isAbove(role, token.role) ? 'more' : 'less'
  return { effect, text: t.changesWords.atMostInsteadOf(ROLE_NAMES[role], ROLE_NAMES[token.role]), input: { role } }
}

function changeOfReadOnly(token: Token, { readOnly }: TokenFields): Change | null {
  if (readOnly === token.readOnly) return null
  return readOnly
    ? { effect: 'less', text: t.changesWords.readOnlyFromNow, input: { readOnly } }
    : { effect: 'more', text: t.changesWords.mayWriteFromNow, input: { readOnly } }
}

function changeOfTools({ tools: before }: Token, fields: TokenFields): Change | null {
  const tools = toolListOf(fields)
  if (tools === null) return before && { effect: 'more', text: t.changesWords.mayCallEveryTool, input: { tools } }
  if (before === null) {
    const text = tools.length === 0 ? t.changesWords.mayCallNoTool : t.changesWords.mayCallAndNo(tools.join(', '))
    return { effect: 'less', text, input: { tools } }
  }

  const added = tools.filter((name) => !before.includes(name))
  const removed = before.filter((name) => !tools.includes(name))
  if (added.length === 0 && removed.length === 0) return null
  const words = [
    added.length > 0 && t.changesWords.itMayAlsoCall(added.join(', ')),
    removed.length > 0 && t.changesWords.itNoLongerCalls(removed.join(', ')),
  ]
  return {
    effect: added.length > 0 ? 'more' : 'less',
    text: words.filter(Boolean).join(' '),
    input: { tools },
  }
}

/** What a token names and its owner no longer reaches gives it nothing, and goes with the next change of its reach. */
function changeOfGrants(token: Token, { fields, targets }: Edited): Change | null {
  const before = new Set(token.grants.map(keyOf))
  const chosen = targets.filter(({ key }) => fields.chosen.has(key))
  const reachable = new Set(targets.map(({ key }) => key))
  const added = chosen.filter(({ key }) => !before.has(key))
  const removed = token.grants.filter((grant) => reachable.has(keyOf(grant)) && !fields.chosen.has(keyOf(grant)))
  if (added.length === 0 && removed.length === 0) return null

  const names = (grants: readonly NamedGrant[]) => grants.map(describeGrant).join(', ')
  const words = [
    added.length > 0 && t.changesWords.itReaches(names(added)),
    removed.length > 0 && t.changesWords.itNoLongerNames(names(removed)),
  ]
  const isMore = added.some((target) => includedIn(target, before) === null)
  return {
    effect: isMore ? 'more' : 'less',
    text: words.filter(Boolean).join(' '),
    input: { grants: grantsOf(chosen) },
  }
}

function changeOfExpiry(token: Token, { fields: { expiry }, now, maxDays }: Edited): Change | null {
  if (expiry.kind === 'kept') return null

  const end = expiryMoment(expiry, now, maxDays)
  if (end === null && !isEndless(expiry)) return null

  const before = token.expiresAt === null ? Infinity : Date.parse(token.expiresAt)
  const effect = (end?.getTime() ?? Infinity) > before ? 'more' : 'less'
  const text = end === null ? t.changesWords.neverEndsByItself : t.changesWords.endsOn(formatMoment(end))
  return { effect, text, input: { expiresAt: end?.toISOString() ?? null } }
}
