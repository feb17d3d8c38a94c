import type { OidcSettings } from '../../../contract/oidc.ts'
import type { Proved } from '../identities.ts'

/** More than a person is ever in, and less than fills a table. */
const MAX_GROUPS = 2_000

export type Claims = Record<string, unknown>

/** What claims prove about somebody, whatever form a provider gives them. @throws {TypeError} without a subject */
export function readClaims(claims: Claims, settings: OidcSettings): Proved {
  const issuer = text(claims['iss'])
  const subject = text(claims['sub'])
  if (issuer === null || subject === null || subject.length > 255) throw new TypeError('no issuer or subject')

  const email = text(claims['email'])
  return {
    issuer,
    subject,
    username: text(claims['preferred_username']) ?? email ?? subject,
    name: text(claims['name']) ?? text(claims['preferred_username']) ?? email ?? subject,
    email,
    emailVerified: email !== null && (settings.trustEmail || claims['email_verified'] === true),
    groups: groupsIn(claims, settings.groupsClaim),
    authTime: typeof claims['auth_time'] === 'number' ? claims['auth_time'] * 1000 : null,
    amr: texts(claims['amr']) ?? [],
  }
}

/** By the name of the claim, or by a path with dots, as Keycloak's `realm_access.roles`. Null where it is missing. */
function groupsIn(claims: Claims, name: string): string[] | null {
  const whole = Object.hasOwn(claims, name) ? claims[name] : undefined
  const found = whole ?? name.split('.').reduce<unknown>((value, part) => memberOf(value, part), claims)
  return texts(found)?.slice(0, MAX_GROUPS) ?? null
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Claims)[name] : undefined
}

/** A list of texts; one text alone counts as a list of one. */
function texts(value: unknown): string[] | null {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : null
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
