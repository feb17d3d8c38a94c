import { escapeFilter, FilterParser, type Entry, type Filter } from 'ldapts'

import type { LdapSettings } from '../../../contract/ldap.ts'

/** What the forge reads of a person. */
export interface DirectoryPerson {
  dn: string
  /** Their unique id, as text; null where the entry has none that can be read. */
  id: string | null
  username: string
  name: string
  email: string | null
  isDisabled: boolean
  /** Names of groups, or rather their DNs, as the entry itself has them. */
  memberOf: string[]
  /** What the forge asked for, for who tries it out. */
  attributes: Record<string, string[]>
}

/** Where directories say that an account can't be used. */
const STANDING = ['userAccountControl', 'accountExpires', 'nsAccountLock', 'pwdAccountLockedTime', 'loginDisabled']

export function wantedAttributes(settings: LdapSettings): string[] {
  const { usernameAttribute, nameAttribute, mailAttribute, idAttribute, memberOfAttribute, groupsFrom } = settings
  const groups = groupsFrom === 'memberOf' ? [memberOfAttribute] : []
  return [...new Set([usernameAttribute, nameAttribute, mailAttribute, idAttribute, ...groups, ...STANDING])]
}

/** Ids of 16 bytes; everything else that can't be read as text is shown in hexadecimal digits. */
export const BINARY_IDS = ['objectGUID', 'GUID']

export function readPerson(entry: Entry, settings: LdapSettings, now: number): DirectoryPerson {
  const texts = (attribute: string) => valuesOf(entry, attribute).map(asText)
  const first = (attribute: string) => texts(attribute)[0] || null
  const username = first(settings.usernameAttribute)

  return {
    dn: entry.dn,
    id: readId(entry, settings.idAttribute),
    username: username ?? first(settings.mailAttribute) ?? entry.dn,
    name: first(settings.nameAttribute) ?? username ?? entry.dn,
    email: first(settings.mailAttribute),
    isDisabled: isDisabled(first, now),
    memberOf: texts(settings.memberOfAttribute),
    attributes: Object.fromEntries(
      wantedAttributes(settings)
        .map((name): [string, string[]] => [name, name === settings.idAttribute ? idTexts(entry, name) : texts(name)])
        .filter(([, values]) => values.length > 0),
    ),
  }
}

const idTexts = (entry: Entry, attribute: string) => [readId(entry, attribute)].filter((id) => id !== null)

/** The values of an attribute, whose name has no case. */
export function valuesOf(entry: Entry, attribute: string): (string | Buffer)[] {
  const name = Object.keys(entry).find((key) => key.toLowerCase() === attribute.toLowerCase() && key !== 'dn')
  const values = name === undefined ? [] : (entry[name] ?? [])
  return Array.isArray(values) ? values : [values]
}

export const asText = (value: string | Buffer): string => (typeof value === 'string' ? value : value.toString('utf8'))

const isBinaryId = (attribute: string) => BINARY_IDS.some((name) => name.toLowerCase() === attribute.toLowerCase())

function readId(entry: Entry, attribute: string): string | null {
  const [value, ...more] = valuesOf(entry, attribute)
  if (value === undefined || more.length > 0 || value.length === 0) return null
  const id = isBinaryId(attribute) ? guidText(Buffer.from(value as string)) : asText(value)
  return id.length > 255 ? null : id
}

/** As Windows writes a GUID: its first three parts are little-endian. */
function guidText(bytes: Buffer): string {
  if (bytes.length !== 16) return bytes.toString('hex')
  const part = (from: number, to: number) => bytes.subarray(from, to)
  const parts = [part(0, 4).reverse(), part(4, 6).reverse(), part(6, 8).reverse(), part(8, 10), part(10, 16)]
  return Buffer.concat(parts)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** What an id looks like in the directory. */
export function idValue(id: string, attribute: string): string | Buffer {
  if (!isBinaryId(attribute)) return id
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex')
  if (bytes.length !== 16) return bytes
  const part = (from: number, to: number) => Buffer.from(bytes.subarray(from, to))
  return Buffer.concat([part(0, 4).reverse(), part(4, 6).reverse(), part(6, 8).reverse(), part(8, 16)])
}

const ACCOUNT_DISABLE = 2
/** Windows counts 100 ns since 1601; 0 and the largest number mean never. */
const NEVER = new Set(['0', '9223372036854775807'])
const WINDOWS_EPOCH_MS = 11_644_473_600_000
/** Locked by an administrator, and not by wrong guesses of anybody (slapo-ppolicy). */
const LOCKED_FOR_GOOD = '000001010000Z'

function isDisabled(first: (attribute: string) => string | null, now: number): boolean {
  const control = Number(first('userAccountControl') ?? 0)
  const expires = first('accountExpires') ?? '0'
  return (
    (control & ACCOUNT_DISABLE) !== 0 ||
    (!NEVER.has(expires) && Number(expires) / 10_000 - WINDOWS_EPOCH_MS <= now) ||
    first('nsAccountLock')?.toLowerCase() === 'true' ||
    first('loginDisabled')?.toLowerCase() === 'true' ||
    first('pwdAccountLockedTime') === LOCKED_FOR_GOOD
  )
}

/** A filter with texts in their places, escaped (RFC 4515 section 3). @throws {Error} when it is no filter */
export function fillFilter(filter: string, texts: Record<string, string>): Filter {
  const filled = filter.replace(/\$\{(\w+)\}/g, (whole, name: string) => {
    const text = texts[name]
    return text === undefined ? whole : escapeFilter`${text}`
  })
  return FilterParser.parseString(filled)
}

/** The same filter with anything in its places: of everybody who could sign in, or of all groups that have somebody. */
export function openFilter(filter: string): Filter {
  return FilterParser.parseString(filter.replace(/\$\{\w+\}/g, '*'))
}

/** The value of the first part of a DN, unescaped (RFC 4514 section 2.4): the name of a group. */
export function nameInDn(dn: string): string {
  const [, value = ''] = /^[^=]+=((?:\\.|[^\\,+])*)/s.exec(dn) ?? []
  const bytes = value.replace(/((?:\\[0-9A-Fa-f]{2})+)|\\(.)/gs, (_, hex: string | undefined, character: string) =>
    hex === undefined ? character : Buffer.from(hex.replaceAll('\\', ''), 'hex').toString('utf8'),
  )
  return bytes.trim()
}
