import type { FastifyRequest } from 'fastify'

import { ForgeError } from '../errors/forge-error.ts'

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Hook for every route that a session cookie can change something through: refuses what a browser sends from another
 * site. SameSite=Lax covers most of it; sibling subdomains and old browsers it does not.
 *
 * `Sec-Fetch-Site` cannot be set by a page; where a browser lacks it, `Origin` decides. A request with neither comes
 * from no browser and so carries no one else's cookie.
 *
 * @param baseUrl the address at which people use this forge
 * @throws {ForgeError} cross_site
 */
export function refuseCrossSite(baseUrl: string): (request: FastifyRequest) => Promise<void> {
  const ownOrigin = new URL(baseUrl).origin

  return async ({ method, headers }) => {
    if (SAFE_METHODS.has(method)) return

    const site = headers['sec-fetch-site']
    const sameSite = site === undefined || site === 'same-origin' || site === 'none'
    const sameOrigin = headers.origin === undefined || headers.origin === ownOrigin
    if (sameSite && sameOrigin) return

    throw new ForgeError('cross_site', `This must be done from the pages at ${ownOrigin}.`)
  }
}
