import { X509Certificate } from 'node:crypto'

import type { Transaction } from 'sequelize'

import type { LdapInput } from '../../../contract/ldap.ts'
import type { ProviderInput } from '../../../contract/sso.ts'
import { ForgeError } from '../../../errors/forge-error.ts'
import type { HostStore } from '../../store.ts'
import type { ProviderRow } from '../model.ts'
import { ownSettings } from '../settings.ts'
import { isThisMachine } from './connection.ts'
import { openFilter, fillFilter } from './entry.ts'

/** What the schema can't say. @throws {ForgeError} invalid_request */
export function checkInput(input: ProviderInput): void {
  if (input.type !== 'ldap') return
  const { url, startTls, caCertificate, bindDn, bindPassword, userFilter, groupFilter } = input.ldap
  const isSecure = url.startsWith('ldaps:')

  if (isSecure && startTls) refuse('ldap.startTls is for ldap:// addresses; ldaps:// begins with TLS.')
  if (!isSecure && !startTls && !isThisMachine(url)) {
    refuse('Passwords go to a directory over TLS alone: use ldaps:// or StartTLS.')
  }
  if (bindDn === '' && bindPassword !== undefined) refuse('ldap.bindPassword is the password of a bindDn.')
  if (!isPem(caCertificate)) refuse('ldap.caCertificate is no certificate in PEM.')
  if (!userFilter.includes('${username}')) refuse('ldap.userFilter must hold ${username}.')
  if (!isFilter(userFilter)) refuse('ldap.userFilter is no filter (RFC 4515).')
  if (!isFilter(groupFilter)) refuse('ldap.groupFilter is no filter (RFC 4515).')
}

/** Under other ids everybody would be somebody new. @throws {ForgeError} conflict */
export async function keepIds(
  { Identity }: HostStore,
  row: ProviderRow,
  { idAttribute }: LdapInput,
  transaction: Transaction,
): Promise<void> {
  if (ownSettings(row, 'ldap').idAttribute.toLowerCase() === idAttribute.toLowerCase()) return
  const linked = await Identity.count({ where: { providerId: row.id }, transaction })
  if (linked === 0) return
  throw new ForgeError('conflict', 'People are linked by the attribute with their unique id already: it has to stay.')
}

function refuse(message: string): never {
  throw new ForgeError('invalid_request', message)
}

function isPem(text: string): boolean {
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (certificates.length === 0) return text.trim() === ''
  try {
    for (const certificate of certificates) new X509Certificate(certificate)
    return true
  } catch {
    return false
  }
}

/** As it is asked, and with anything in its places. The reader of `ldapts` passes over what is missing at the end, or too much. */
function isFilter(filter: string): boolean {
  if (!isClosed(filter)) return false
  try {
    fillFilter(filter, { dn: 'x', username: 'x' })
    openFilter(filter)
    return true
  } catch {
    return false
  }
}

/** Whether the last parenthesis, and no one before it, closes the first. */
function isClosed(filter: string): boolean {
  let depth = 0
  for (let index = 0; index < filter.length; index++) {
    if (filter[index] === '(') depth += 1
    if (filter[index] === ')') depth -= 1
    if (depth === 0) return index === filter.length - 1
  }
  return false
}
