import { CommandError } from './command-error.ts'
import type { Fetch } from './http.ts'

/** What a forge says of itself (RFC 8414), as far as the command goes. */
export interface Endpoints {
  issuer: string
  deviceAuthorization: string
  token: string
  revocation: string
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

/** The address of a forge as it calls itself. @throws {CommandError} */
export function readForgeUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  const plain = url && !url.username && !url.password && !url.search && !url.hash
  if (!plain || !/^https?:$/.test(url.protocol)) {
    throw new CommandError('A forge has an address such as https://forge.example.com or https://example.com/pat.')
  }
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    throw new CommandError(`${url.origin} is not https: whoever is on the way would read the token.`)
  }
  return url.origin + url.pathname.replace(/\/+$/, '')
}

/** Where a forge has its endpoints. @throws {CommandError} */
export async function discover(forge: string, fetch: Fetch): Promise<Endpoints> {
  const metadata = await readMetadata(forge, fetch)
  const endpoint = (name: string): string => {
    const value = metadata[name]
    if (typeof value === 'string' && URL.canParse(value) && new URL(value).origin === new URL(forge).origin)
      return value
    throw new CommandError(`The forge at ${forge} offers no ${name} of its own. Is it too old for this command?`)
  }

  // RFC 8414 section 3.3: otherwise somebody else speaks for the forge.
  if (metadata['issuer'] !== forge) {
    throw new CommandError(
      `The forge at ${forge} goes by another address. Say --forge ${printable(metadata['issuer'])}.`,
    )
  }
  return {
    issuer: forge,
    deviceAuthorization: endpoint('device_authorization_endpoint'),
    token: endpoint('token_endpoint'),
    revocation: endpoint('revocation_endpoint'),
  }
}

/** First where RFC 8414 section 3.1 puts it; a proxy that passes on one path only has it below that path. */
async function readMetadata(forge: string, fetch: Fetch): Promise<Record<string, unknown>> {
  const { origin, pathname } = new URL(forge)
  const path = pathname === '/' ? '' : pathname
  const places = new Set([
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${forge}/.well-known/oauth-authorization-server`,
  ])

  for (const place of places) {
    const response = await fetch(place, { headers: { accept: 'application/json' } })
    const body: unknown = response.ok ? await response.json().catch(() => null) : null
    if (typeof body === 'object' && body !== null) return body as Record<string, unknown>
  }
  throw new CommandError(`There is no forge at ${forge}, or it offers no sign-in for commands. Is the path right?`)
}

function printable(value: unknown): string {
  return typeof value === 'string' && URL.canParse(value) ? new URL(value).href : 'as its administrators tell you'
}
