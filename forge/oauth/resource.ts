import type { TokenTargets } from '../contract/targets.ts'
import { ForgeError } from '../errors/forge-error.ts'

/**
 * The address in a `resource` parameter: absolute, without a fragment (RFC 8707 section 2).
 * @throws {ForgeError} invalid_target
 */
export function readResource(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !/^https?:$/.test(url.protocol) || text.includes('#') || url.username || url.password) {
    throw new ForgeError('invalid_target', 'resource must be the absolute address of an instance, without a fragment.')
  }
  return url.href
}

export type TargetInstance = TokenTargets['teams'][number]['applications'][number]['instances'][number]

/**
 * The instance that an address is of, or of an endpoint of which it is, such as `/mcp`; null when it is none of these.
 * Of several the one with the longest address.
 * @param resource as `readResource` gives it
 */
export function instanceAt({ teams }: TokenTargets, resource: string): TargetInstance | null {
  const found = teams
    .flatMap(({ applications }) => applications.flatMap(({ instances }) => instances))
    .filter(({ url }) => isWithin(resource, url))
  return found.sort((a, b) => b.url.length - a.url.length)[0] ?? null
}

function isWithin(resource: string, instanceUrl: string): boolean {
  if (!URL.canParse(instanceUrl)) return false
  const [asked, base] = [new URL(resource), new URL(instanceUrl)]
  const path = base.pathname.replace(/\/$/, '')
  return asked.origin === base.origin && (asked.pathname === path || asked.pathname.startsWith(`${path}/`))
}
