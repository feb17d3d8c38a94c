import { createHmac, randomBytes } from 'node:crypto'

import { LRUCache } from 'lru-cache'

/** The longest that an answer of FlowFuse's about a session or a credential is believed. */
const BELIEVED_MS = 10_000
const MAX_REMEMBERED = 10_000

/** Answers about secrets, for a short time, under a hash with a key of this process. */
export interface ShortMemory<Answer extends object | string> {
  recall(secret: string): Answer | null
  keep(secret: string, answer: Answer): void
  /** A name for the secret that tells nothing of it, and is another in the next process. */
  nameOf(secret: string): string
}

/** @param now monotonic, in milliseconds: a clock that is set back makes no answer younger */
export function createShortMemory<Answer extends object | string>(now: () => number): ShortMemory<Answer> {
  const processKey = randomBytes(32)
  const nameOf = (secret: string) => createHmac('sha256', processKey).update(secret).digest('base64url')
  const answers = new LRUCache<string, Answer>({
    max: MAX_REMEMBERED,
    ttl: BELIEVED_MS,
    ttlResolution: 0,
    perf: { now },
  })

  return {
    recall: (secret) => answers.get(nameOf(secret)) ?? null,
    keep: (secret, answer) => void answers.set(nameOf(secret), answer),
    nameOf,
  }
}
