import { hash, randomBytes } from 'node:crypto'

import { LRUCache } from 'lru-cache'

import type { ActiveIntrospection, Introspection } from '../forge/contract/introspection.ts'
import { ForgeUnavailableError } from './forge-api.ts'
import { createForgeClient, type Presenter } from './forge-client.ts'
import { readIntrospectorOptions, type IntrospectorOptions, type IntrospectorSettings } from './options.ts'
import { troubleLog } from './trouble.ts'

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
const UNPUSHED_SECONDS = 10
/** Long enough to take the load of a client that keeps trying, short enough for a grant that was just made. */
const INACTIVE_SECONDS = 2
/**
 * Of several forges behind a balancer, the one that is asked next may not have heard yet of what was pushed. So for a
 * while after it, answers about it are only believed long enough to serve a burst.
 */
const DOUBT_MS = 2_000
const DOUBTED_ANSWER_MS = 200
/** The clock is monotonic: setting the time of the machine back lengthens no answer's life. */
const BOUNDS = { max: 10_000, ttlResolution: 0, perf: { now: () => performance.now() } }
/** Questions that may be open at once; a flood of made-up tokens must not become a flood at the forge. */
const MAX_OPEN_QUESTIONS = 256

interface Remembered {
  answer: ActiveIntrospection
  askedAt: number
  /** How long it is believed while changes are pushed. */
  limitMs: number
}

/**
 * Asks the forge and remembers its answers for a short time, under a keyed hash of the token.
 * @throws {OptionError} a missing or bad option
 */
export function createIntrospector(options: IntrospectorOptions = {}): Introspector {
  return startIntrospector(readIntrospectorOptions(options), () => false)
}

/** @param isLive whether the forge pushes changes to us at this moment */
export function startIntrospector(settings: IntrospectorSettings, isLive: () => boolean): Introspector {
  const askForge = createForgeClient(settings)
  const report = troubleLog(settings.log, {
    unexpected: 'Asking the forge failed unexpectedly.',
    over: 'The forge answers again.',
  })
  const cacheKey = keyedHash()

  // Apart from each other, so that junk cannot push out the answers of known callers.
  const active = new LRUCache<string, Remembered>(BOUNDS)
  const inactive = new LRUCache<string, true>(BOUNDS)
  const open = new Map<string, Promise<ActiveIntrospection | null>>()
  const doubts = createDoubts()
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
    if (askedIn === generation) remember(key, answer, askedAt)
    return answer.active ? unlessExpired(answer) : null
  }

  function remember(key: string, answer: Introspection, askedAt: number): void {
    if (!answer.active) return void inactive.set(key, true, { ttl: INACTIVE_SECONDS * 1000 })

    const believedMs = answer.forge.cacheSeconds * 1000
    const limitMs = doubts.about(answer.jti, askedAt) ? Math.min(believedMs, DOUBTED_ANSWER_MS) : believedMs
    active.set(key, { answer, askedAt, limitMs })
  }

  /** Its age is judged when it is read: a push channel that falls silent shortens the life of what is held. */
  function recall(key: string): ActiveIntrospection | null {
    const known = active.get(key)
    if (!known) return null

    const limitMs = isLive() ? known.limitMs : Math.min(known.limitMs, UNPUSHED_SECONDS * 1000)
    return performance.now() - known.askedAt < limitMs ? known.answer : null
  }

  return {
    introspect: async (token, presenter = {}) => {
      const key = cacheKey(token)
      const known = recall(key)
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
      doubts.raise(tokenId)
      if (tokenId === undefined) return active.clear()

      for (const [key, { answer }] of active.entries()) if (answer.jti === tokenId) active.delete(key)
    },
  }
}

const TOO_MANY = 'Too many unknown tokens are being checked at once.'

/** Which tokens something was pushed about a moment ago. */
function createDoubts() {
  const tokens = new LRUCache<string, true>({ ...BOUNDS, ttl: DOUBT_MS })
  let allUntil = -Infinity

  return {
    raise: (tokenId: string | undefined) => {
      if (tokenId === undefined) allUntil = performance.now() + DOUBT_MS
      else tokens.set(tokenId, true)
    },
    about: (tokenId: string, askedAt: number) => askedAt < allUntil || tokens.has(tokenId),
  }
}

/** The moment of expiry itself is too late (RFC 7519 section 4.1.4). */
function unlessExpired(answer: ActiveIntrospection): ActiveIntrospection | null {
  return answer.exp !== undefined && Date.now() >= answer.exp * 1000 ? null : answer
}

/**
 * A digest that is worth nothing outside this process, so that no token stands in a map's key. In one step, because each
 * request waits for it; nobody sees it who could lengthen it, which is what an HMAC would be against.
 */
function keyedHash(): (token: string) => string {
  const key = randomBytes(32).toString('base64url')
  return (token) => hash('sha256', key + token, 'base64url')
}
