import { createHmac, randomBytes } from 'node:crypto'

import { LRUCache } from 'lru-cache'

import type { ActiveIntrospection, Introspection } from '../forge/contract/introspection.ts'
import { createForgeClient, ForgeUnavailableError, type Presenter } from './forge-client.ts'
import { readIntrospectorOptions, type IntrospectorOptions } from './options.ts'

export interface Introspector {
  /**
   * What the forge says about a presented token; null when it may not be used here. Who presents it is told to the
   * forge when it is asked, and changes nothing.
   * @throws {ForgeUnavailableError} when nobody can say
   */
  introspect(token: string, presenter?: Presenter): Promise<ActiveIntrospection | null>
  /** Drops what is remembered about one token, or about all of them. @param tokenId the `jti` of its answers */
  forget(tokenId?: string): void
}

/** How long an answer is believed while no push channel brings changes. */
const ACTIVE_SECONDS = 10
/** Long enough to take the load of a client that keeps trying, short enough for a grant that was just made. */
const INACTIVE_SECONDS = 2
/** The clock is monotonic: setting the time of the machine back lengthens no answer's life. */
const BOUNDS = { max: 10_000, ttlResolution: 0, perf: { now: () => performance.now() } }
/** Questions that may be open at once; a flood of made-up tokens must not become a flood at the forge. */
const MAX_OPEN_QUESTIONS = 256

/**
 * Asks the forge and remembers its answers for a short time, under a keyed hash of the token.
 * @throws {OptionError} a missing or bad option
 */
export function createIntrospector(options: IntrospectorOptions = {}): Introspector {
  const settings = readIntrospectorOptions(options)
  const askForge = createForgeClient(settings)
  const report = reporter(settings.log)
  const cacheKey = keyedHash()

  // Apart from each other, so that junk cannot push out the answers of known callers.
  const active = new LRUCache<string, ActiveIntrospection>(BOUNDS)
  const inactive = new LRUCache<string, true>(BOUNDS)
  const open = new Map<string, Promise<ActiveIntrospection | null>>()
  let generation = 0

  async function ask(key: string, token: string, presenter: Presenter): Promise<ActiveIntrospection | null> {
    const askedIn = generation
    const askedAt = performance.now()
    const answer = await askForge(token, presenter).catch((error: unknown) => {
      report(error)
      throw error
    })
    report(null)

    // A forget() in the meantime was about a change that this answer may not know.
    if (askedIn === generation) remember(key, answer, performance.now() - askedAt)
    return answer.active ? unlessExpired(answer) : null
  }

  function remember(key: string, answer: Introspection, ageMs: number): void {
    const ttl = Math.floor(timeToLiveMs(answer) - ageMs)
    if (ttl <= 0) return

    if (answer.active) active.set(key, answer, { ttl })
    else inactive.set(key, true, { ttl })
  }

  return {
    introspect: async (token, presenter = {}) => {
      const key = cacheKey(token)
      const known = active.get(key)
      if (known) return unlessExpired(known)
      if (inactive.has(key)) return null

      const asked = open.get(key)
      if (asked) return asked
      if (open.size >= MAX_OPEN_QUESTIONS) throw new ForgeUnavailableError(TOO_MANY, { retryAfterSeconds: 1 })

      const question = ask(key, token, presenter).finally(() => {
        if (open.get(key) === question) open.delete(key)
      })
      open.set(key, question)
      return question
    },

    forget: (tokenId) => {
      generation++
      open.clear()
      inactive.clear()
      if (tokenId === undefined) return active.clear()

      for (const [key, answer] of active.entries()) if (answer.jti === tokenId) active.delete(key)
    },
  }
}

const TOO_MANY = 'Too many unknown tokens are being checked at once.'

function timeToLiveMs(answer: Introspection): number {
  if (!answer.active) return INACTIVE_SECONDS * 1000

  const untilExpiryMs = answer.exp === undefined ? Infinity : answer.exp * 1000 - Date.now()
  return Math.min(answer.forge.cacheSeconds * 1000, ACTIVE_SECONDS * 1000, untilExpiryMs)
}

/** The moment of expiry itself is too late (RFC 7519 section 4.1.4). */
function unlessExpired(answer: ActiveIntrospection): ActiveIntrospection | null {
  return answer.exp !== undefined && Date.now() >= answer.exp * 1000 ? null : answer
}

/** A digest that is worth nothing outside this process, so that no token stands in a map's key. */
function keyedHash(): (token: string) => string {
  const key = randomBytes(32)
  return (token) => createHmac('sha256', key).update(token).digest('base64url')
}

/** Logs each trouble once, when it begins, and its end. */
function reporter(log: (message: string) => void): (error: unknown) => void {
  let trouble: string | null = null

  return (error) => {
    if (error === null) {
      if (trouble !== null) log('The forge answers again.')
      trouble = null
      return
    }
    const message = error instanceof ForgeUnavailableError ? error.message : 'Asking the forge failed unexpectedly.'
    if (message !== trouble) log(message)
    trouble = message
  }
}
