import { isDeepStrictEqual } from 'node:util'

import { createRecent, type Linked } from './recent.ts'

/** People, teams, instances and policies together; of more the least recently used are held more than once. */
const MAX_SHARED = 50_000

/** Answers the one copy of a fact that is held for all who have the same; the fact itself when it is new or has changed. */
export type Share = <Fact>(name: string, fact: Fact) => Fact

interface Shared extends Linked<Shared> {
  fact: unknown
}

/** Ten thousand tokens of one team hold one team and one policy, not ten thousand. Nobody changes what is shared. */
export function createShare(max = MAX_SHARED): Share {
  const known = createRecent<Shared>()

  return <Fact>(name: string, fact: Fact) => {
    const same = known.get(name)
    if (!same) {
      known.add({ key: name, newer: null, older: null, fact })
      if (known.size > max) known.dropOldest()
      return fact
    }
    if (!isDeepStrictEqual(same.fact, fact)) same.fact = fact
    return same.fact as Fact
  }
}
