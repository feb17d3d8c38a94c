import { setTimeout as sleep } from 'node:timers/promises'

import { expect } from 'vitest'

import type { TestInstance } from '../../support/builders.ts'
import { introspectAt, mintAt, revokeAt, signInAt, type Answer } from './scene.ts'

/** A change by one forge counts at every other within this time. */
const COUNTS_WITHIN_MS = 1_000
const SOON_MS = 50
/** Of a token that is refused a forge hears no more than 60 times a minute. */
const MOST_REFUSED = 20

interface KnownToken {
  id: string
  token: string
  /** When the first attempt to revoke it began, and when one was answered, by the monotonic clock. */
  revoking: number
  revoked: number
  /** How often it was asked about after that. */
  refused: number
}

export interface LoadOptions {
  forges: readonly string[]
  instance: TestInstance
  usernames: readonly string[]
}

export interface Load {
  /** Each person mints so many tokens and revokes every other one, at one forge after the other, until all is done. */
  run(tokensEach: number, trouble: () => Promise<unknown>): Promise<void>
  /** Asks every one of these forges about every token that was answered. */
  expectTruth(forges: readonly string[]): Promise<void>
  /** How often a forge has answered 503. */
  refusedBy(forge: string): number
  /** How often a forge, or any, has hung up without an answer. */
  unanswered(forge?: string): number
}

/**
 * People who mint and revoke and an instance that introspects, and that watch the answers: 503 is one, and so is the
 * wanted one. What was answered must have happened, and stays so.
 */
export async function createLoad({ forges, instance, usernames }: LoadOptions): Promise<Load> {
  const [first = ''] = forges
  // Signed in at one of them: a session holds at the others.
  const cookies = await Promise.all(usernames.map((username) => signInAt(first, username)))
  const tokens: KnownToken[] = []
  const troubles = new Map(forges.map((forge) => [forge, { refused: 0, unanswered: 0 }]))

  /** The answer if it is a wanted one; null, noted, if it says to try again. Any other is a fault. */
  function accept<T>(forge: string, answer: Answer<T> | null, wanted: readonly number[]): Answer<T> | null {
    const trouble = troubles.get(forge)
    if (!trouble) throw new Error(`not one of the forges: ${forge}`)
    if (answer && answer.status !== 503) {
      expect(wanted, `${forge} answered ${answer.status}: ${answer.text}`).toContain(answer.status)
      return answer
    }
    trouble[answer ? 'refused' : 'unanswered'] += 1
    return null
  }

  async function until<T>(wanted: readonly number[], attempt: (forge: string) => Promise<Answer<T> | null>) {
    for (let n = 0; ; n++) {
      const forge = forges[n % forges.length] ?? ''
      const answer = await attempt(forge)
      const accepted = accept(forge, answer, wanted)
      if (accepted) return accepted
      await sleep(answer?.retryAfterMs || SOON_MS)
    }
  }

  async function write(cookie: string, count: number, onToken: () => void): Promise<void> {
    for (let n = 0; n < count; n++) {
      const { body } = await until([201], (forge) => mintAt(forge, cookie, instance))
      const token: KnownToken = { ...body, revoking: Infinity, revoked: Infinity, refused: 0 }
      tokens.push(token)
      onToken()
      if (n % 2 === 0) continue

      token.revoking = performance.now()
      // 404 where the first attempt took effect and only its answer was lost.
      await until([204, 404], (forge) => revokeAt(forge, cookie, token.id))
      token.revoked = performance.now()
    }
  }

  async function read(forge: string, isOver: () => boolean): Promise<void> {
    for (let n = 0; !isOver(); n++) {
      const token = tokens[(n * 7) % Math.max(1, tokens.length)]
      if (!token || (token.revoking !== Infinity && ++token.refused > MOST_REFUSED)) {
        await sleep(1)
        continue
      }
      const askedAt = performance.now()
      const answer = accept(forge, await introspectAt(forge, instance, token.token), [200])
      if (!answer) {
        await sleep(SOON_MS)
        continue
      }
      const state = `${forge}, ${JSON.stringify(token, (key, value: unknown) => (key === 'token' ? '' : value))}`
      if (token.revoking === Infinity) expect(answer.body, state).toMatchObject({ active: true, jti: token.id })
      if (askedAt > token.revoked + COUNTS_WITHIN_MS) expect(answer.body, state).toEqual({ active: false })
    }
  }

  return {
    refusedBy: (forge) => troubles.get(forge)?.refused ?? 0,
    unanswered: (forge) =>
      [...troubles]
        .filter(([each]) => (forge ?? each) === each)
        .reduce((sum, [, { unanswered }]) => sum + unanswered, 0),
    async run(tokensEach, trouble) {
      let [minted, over] = [0, false]
      let begin: () => void
      const begun = new Promise<void>((resolve) => (begin = resolve))
      const onToken = () => void (++minted === usernames.length * 2 && begin())

      const troubled = begun.then(trouble)
      const writers = Promise.all(cookies.map((cookie) => write(cookie, tokensEach, onToken)))
      const work = Promise.all([troubled, writers]).finally(() => (over = true))
      // What one of them finds wrong ends the run, whatever the others wait for.
      await Promise.all([work, ...forges.map((forge) => read(forge, () => over))])
    },

    async expectTruth(alive) {
      for (const forge of alive) {
        for (const { id, token, revoked } of tokens) {
          const answer = await introspectAt(forge, instance, token)
          const wanted = revoked === Infinity ? { active: true, jti: id } : { active: false }
          expect(answer?.body, forge).toMatchObject(wanted)
        }
      }
    },
  }
}
