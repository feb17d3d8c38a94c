import type { FastifyRateLimitStore, FastifyRateLimitStoreCtor } from '@fastify/rate-limit'

import type { Exchange } from '../limits/exchange.ts'
import { createWindows, type Windows } from '../limits/windows.ts'

/** Addresses counted at a route; of more the least recently seen are forgotten. */
const MAX_ADDRESSES = 5_000

/** What `@fastify/rate-limit` counts in, so that its limits too hold for all forges together. */
export function rateLimitStore(exchange: Exchange): FastifyRateLimitStoreCtor {
  const storeOf = (route: string): FastifyRateLimitStore => {
    let windows: Windows | null = null

    return {
      incr(address, done, windowMs, max) {
        windows ??= createWindows({ windowMs, maxKeys: MAX_ADDRESSES })
        const now = Date.now()
        const window = windows.at(address, now)
        windows.count(address, window)
        exchange.note(`${route} ${address}`, window, { max, windowSeconds: windowMs / 1000 })
        done(null, { current: window.count, ttl: window.endsAt - now })
      },
      child: (options) => {
        const { method, url } = (options as { routeInfo?: { method?: string; url?: string } }).routeInfo ?? {}
        return storeOf(`${method} ${url}`)
      },
    }
  }

  return class {
    constructor() {
      return storeOf('')
    }
  } as unknown as FastifyRateLimitStoreCtor
}
