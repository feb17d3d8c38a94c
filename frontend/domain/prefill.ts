import type { Role } from '@contract/role.ts'
import { ROLES } from '@contract/role-levels.ts'
import type { Token } from '@contract/token.ts'

import { t } from '../messages/messages.ts'
import { isClient } from './clients.ts'
import { DAY_MS } from './dates.ts'
import type { ExpiryChoice } from './expiry.ts'
import { keyOf, type Target } from './reach.ts'
import { isAbove, ROLE_NAMES } from './roles.ts'
import type { TokenFields } from './token-fields.ts'

type Prefilled = 'client' | keyof TokenFields

/** What a form begins with, and what somebody else than the person has put there. */
export interface Prefill {
  client: string
  fields: Partial<TokenFields>
  /** What was filled in. */
  marks: ReadonlySet<Prefilled>
  /** What was asked for and not done, in sentences. */
  notes: readonly string[]
  from: 'link' | 'token' | 'draft' | null
}

export const NO_PREFILL: Prefill = { client: '', fields: {}, marks: new Set(), notes: [], from: null }

/** A link may narrow, not widen: whoever made it is not the person who will be asked about what it did. */
const MOST_BY_LINK: Role = 'viewer'
const NAME_MAX = 100
const DAYS_MAX = 366

/**
 * What the address of the page fills in (`?name=&grants=&role=&readOnly=&expires=&client=`). `grants` is a list of
 * `instance:<id>`, `application:<id>` and `team:<id>`; `expires` a number of days, or a day.
 */
export function prefillFromLink(query: Readonly<Record<string, unknown>>, targets: readonly Target[]): Prefill {
  const text = (name: string): string => (typeof query[name] === 'string' ? query[name].trim() : '')
  const fields: Partial<TokenFields> = {}
  const notes: string[] = []

  const name = text('name').replace(/\p{Cc}/gu, '')
  if (name !== '') fields.name = name.slice(0, NAME_MAX)

  const grants = text('grants').split(',').filter(Boolean)
  const known = new Set(targets.map(({ key }) => key))
  const chosen = grants.filter((grant) => known.has(grant))
  if (chosen.length > 0) fields.chosen = new Set(chosen)
  if (chosen.length < grants.length) notes.push(t.prefill.unknownGrants(grants.length - chosen.length))

  const role = ROLES.find((each) => each === text('role'))
  if (role) fields.role = isAbove(role, MOST_BY_LINK) ? MOST_BY_LINK : role
  if (role && isAbove(role, MOST_BY_LINK)) notes.push(t.prefill.roleLowered(ROLE_NAMES[role]))
  if (text('readOnly') === 'true') fields.readOnly = true
  if (text('readOnly') === 'false') notes.push(t.prefill.writeRefused)

  const expiry = expiryOf(text('expires'))
  if (expiry) fields.expiry = expiry

  const client = isClient(query['client']) ? query['client'] : ''
  const marks = new Set<Prefilled>([
    ...(Object.keys(fields) as Prefilled[]),
    ...(client === '' ? [] : ['client' as const]),
  ])
  const isEmpty = marks.size === 0 && notes.length === 0
  return isEmpty ? NO_PREFILL : { client, fields, marks, notes, from: 'link' }
}

/** A link cannot ask for a life without an end. */
function expiryOf(text: string): ExpiryChoice | null {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return { kind: 'date', day: text }
  const days = /^\d{1,3}$/.test(text) ? Number(text) : 0
  return days >= 1 && days <= DAYS_MAX ? { kind: 'days', days } : null
}

/** What another token of the same person fills in: all that it is, as long as it lived. */
export function prefillFromToken(token: Token, targets: readonly Target[]): Prefill {
  const named = new Set(token.grants.map(keyOf))
  const chosen = targets.filter(({ key }) => named.has(key)).map(({ key }) => key)
  const lost = token.grants.length - chosen.length
  const life = token.expiresAt === null ? null : Date.parse(token.expiresAt) - Date.parse(token.createdAt)
  const fields: Partial<TokenFields> = {
    name: t.prefill.copyOf(token.name).slice(0, NAME_MAX),
    description: token.description,
    chosen: new Set(chosen),
    role: token.role,
    readOnly: token.readOnly,
    tools: token.tools && new Set(token.tools),
    expiry: life === null ? { kind: 'never' } : { kind: 'days', days: Math.max(1, Math.round(life / DAY_MS)) },
  }
  const notes = lost > 0 ? [t.prefill.lostGrants(lost)] : []
  return { client: '', fields, marks: new Set(), notes, from: 'token' }
}

/** A form as it was left for a sign-in, in a shape that a tab can keep. */
export interface Draft {
  client: string
  fields: Omit<TokenFields, 'chosen' | 'tools'> & { chosen: string[]; tools: string[] | null }
}

export const draftOf = (client: string, { chosen, tools, ...fields }: TokenFields): Draft => ({
  client,
  fields: { ...fields, chosen: [...chosen], tools: tools && [...tools] },
})

/** What was typed before, as far as it can still be reached. */
export function prefillFromDraft({ client, fields }: Draft, targets: readonly Target[]): Prefill {
  const known = new Set(targets.map(({ key }) => key))
  const chosen = new Set(fields.chosen.filter((key) => known.has(key)))
  const restored = { ...fields, chosen, tools: fields.tools && new Set(fields.tools) }
  return { client, fields: restored, marks: new Set(), notes: [], from: 'draft' }
}
