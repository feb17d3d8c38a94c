import { matches, type Filter } from './filter.ts'
import { assignments, stepsOf, type Step } from './operations.ts'
import { ScimRefusal } from './scim-error.ts'
import { fieldsOf, invalid, listOf, textOf, truthOf } from './values.ts'

export interface Email {
  value: string
  type?: string
  primary?: boolean
  display?: string
}

const NAME_PARTS = ['formatted', 'familyName', 'givenName', 'middleName', 'honorificPrefix', 'honorificSuffix'] as const
export type Name = Partial<Record<(typeof NAME_PARTS)[number], string>>

/** What is kept of a person beside what has columns of its own. */
export interface MoreAttributes {
  displayName: string | null
  name: Name
  emails: Email[]
}

/** All that a provider says of a person, as far as it is kept here. */
export interface UserDocument extends MoreAttributes {
  userName: string
  externalId: string | null
  active: boolean
}

/** Of the core schema, and of no use here; providers send them unasked, so they are passed over (RFC 7643 section 4.1). */
const NOT_KEPT = new Set(
  (
    'nickname profileurl title usertype preferredlanguage locale timezone password phonenumbers ims photos addresses ' +
    'entitlements roles x509certificates'
  ).split(' '),
)

const MAX_EMAILS = 20

/** A whole resource as it was sent. @param active what holds when it says nothing of it @throws {ScimRefusal} */
export function readUser(body: unknown, active = true): UserDocument {
  const blank: UserDocument = { userName: '', externalId: null, active, displayName: null, name: {}, emails: [] }
  // What is no attribute of a person is passed over in a resource, and refused as the path of an operation.
  return apply(blank, assignments(body), { strict: false })
}

/** Pure. @throws {ScimRefusal} */
export function patchUser(document: UserDocument, body: unknown): UserDocument {
  return apply(structuredClone(document), stepsOf(body), { strict: true })
}

function apply(document: UserDocument, steps: Step[], { strict }: { strict: boolean }): UserDocument {
  for (const step of steps) applyStep(document, step, strict)
  if (document.userName === '') throw invalid('userName is missing.')
  return document
}

function applyStep(document: UserDocument, step: Step, strict: boolean): void {
  const { op, path, value } = step
  const gone = op === 'remove'

  switch (path.attribute) {
    case 'username':
      document.userName = gone ? '' : (textOf(value, 'userName')?.trim() ?? '')
      return
    case 'externalid':
      document.externalId = gone ? null : textOf(value, 'externalId')
      return
    case 'displayname':
      document.displayName = gone ? null : textOf(value, 'displayName')
      return
    case 'active':
      if (gone) throw invalid('active is true or false.')
      document.active = truthOf(value, 'active')
      return
    case 'name':
      applyName(document, step)
      return
    case 'emails':
      applyEmails(document, step)
      return
    default:
      if (strict && !NOT_KEPT.has(path.attribute)) throw new ScimRefusal('invalidPath', 'There is no such attribute.')
  }
}

function applyName(document: UserDocument, { op, path: { sub }, value }: Step): void {
  const values =
    sub === null ? (op === 'remove' || value === null ? new Map() : fieldsOf(value, 'name')) : new Map([[sub, value]])
  if (sub === null && op !== 'add') document.name = {}

  for (const part of NAME_PARTS) {
    if (!values.has(part.toLowerCase())) continue
    const text = op === 'remove' ? null : textOf(values.get(part.toLowerCase()), `name.${part}`)
    if (text === null) delete document.name[part]
    else document.name[part] = text
  }
}

function applyEmails(document: UserDocument, { op, path: { filter, sub }, value }: Step): void {
  const { emails } = document
  const meant = filter ? emails.filter((email) => matches(filter, entryOf(email))) : emails

  if (op === 'remove') {
    // An entry without an address is none.
    if (sub === null || sub === 'value') document.emails = emails.filter((email) => !meant.includes(email))
    else meant.forEach((email) => assign(email, new Map([[sub, null]])))
  } else if (sub === null && filter === null) {
    document.emails = op === 'add' ? [...emails] : []
    for (const each of listOf(value)) put(document, readEmail(each))
  } else {
    const values = sub === null ? fieldsOf(value, 'emails') : new Map([[sub, value]])
    // Entra changes an address that is not there yet, and means that it shall be.
    const targets = meant.length > 0 ? meant : [{ value: '', ...typeOf(filter) }]
    targets.forEach((email) => assign(email, values))
    if (meant.length === 0) targets.forEach((email) => put(document, email))
  }
  document.emails = document.emails.filter((email) => email.value !== '')
  if (document.emails.length > MAX_EMAILS) throw invalid(`There must be at most ${MAX_EMAILS} e-mail addresses.`)
}

function readEmail(value: unknown): Email {
  const email: Email = { value: '' }
  return assign(email, typeof value === 'string' ? new Map([['value', value]]) : fieldsOf(value, 'emails'))
}

/** The same address for the same purpose is there once, and one address is the first. */
function put(document: UserDocument, email: Email): void {
  if (email.value === '') return
  const same = ({ value, type }: Email) => value.toLowerCase() === email.value.toLowerCase() && type === email.type
  const others = document.emails.filter((each) => !same(each))
  if (email.primary) others.forEach((each) => delete each.primary)
  document.emails = [...others, email]
}

function assign(email: Email, values: ReadonlyMap<string, unknown>): Email {
  if (values.has('value')) email.value = textOf(values.get('value'), 'emails.value') ?? ''
  for (const key of ['type', 'display'] as const) {
    if (!values.has(key)) continue
    const text = textOf(values.get(key), `emails.${key}`)
    if (text === null) delete email[key]
    else email[key] = text
  }
  if (!values.has('primary')) return email
  if (values.get('primary') !== null && truthOf(values.get('primary'), 'emails.primary')) email.primary = true
  else delete email.primary
  return email
}

/** The type that the filter asks for, for an entry that it finds none of. */
function typeOf(filter: Filter | null): { type?: string } {
  if (filter === null) return {}
  const isType = filter.op === 'eq' && filter.attrPath.toLowerCase() === 'type' && typeof filter.compValue === 'string'
  if (!isType) throw new ScimRefusal('noTarget', 'There is no entry that the filter of the path means.')
  return { type: String(filter.compValue) }
}

function entryOf(email: Email): Map<string, unknown> {
  return new Map(Object.entries(email))
}

/** Where mail reaches the person: the first address, else that of their work, else any, else a user name that is one. */
export function addressOf({ emails, userName }: UserDocument): string | null {
  const best =
    emails.find(({ primary }) => primary) ?? emails.find(({ type }) => type?.toLowerCase() === 'work') ?? emails[0]
  return best?.value ?? (userName.includes('@') ? userName : null)
}

/** What people read in the place of the user name. */
export function fullNameOf({ displayName, name }: UserDocument): string | null {
  const composed = [name.givenName, name.familyName].filter((part) => part !== undefined).join(' ')
  return displayName ?? name.formatted ?? (composed === '' ? null : composed)
}
