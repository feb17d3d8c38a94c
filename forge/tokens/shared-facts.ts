import { isDeepStrictEqual } from 'node:util'

import { LRUCache } from 'lru-cache'

/** People, teams, instances and policies together; of more the least recently used are held more than once. */
const MAX_SHARED = 50_000

/** Answers the one copy of a fact that is held for all who have the same; the fact itself when it is new or has changed. */
export type Share = <Fact extends object>(name: string, fact: Fact) => Fact

/** Ten thousand tokens of one team hold one team and one policy, not ten thousand. Nobody changes what is shared. */
export function createShare(max = MAX_SHARED): Share {
  const known = new LRUCache<string, object>({ max })

  return <Fact extends object>(name: string, fact: Fact) => {
    const same = known.get(name)
    if (same !== undefined && isDeepStrictEqual(same, fact)) return same as Fact
    known.set(name, fact)
    return fact
  }
}
