import { LRUCache } from 'lru-cache'

import type { TeamFacts } from '../access/rules.ts'
import type { Changes } from '../changes/changes.ts'
import { createLedger, type Subjects } from '../changes/ledger.ts'
import type { Directory, HostFacts, InstanceCredential } from '../directory/directory.ts'
import type { KnownToken } from './facts.ts'
import { createMemoryKeys } from './memory-key.ts'
import { createShare, type Share } from './shared-facts.ts'

/** What a decision needs besides the token. */
export type Live = HostFacts & TeamFacts

/**
 * The facts behind decisions, held in memory: never a decision, and never a fact that has changed since. They are
 * found by who has proved to know a secret, so that a wrong secret takes the same way as a selector that is unknown.
 */
export interface Memory {
  /**
   * What is held, for a request that is here now. What it reads meanwhile is kept as old as this look.
   * @param hereForMs since when it is here
   */
  look(hereForMs?: number): Promise<Look>
  /** How often something was looked for so far, and was held. */
  readonly counts: Readonly<Record<'token' | 'live' | 'caller', Readonly<HitsAndMisses>>>
}

interface HitsAndMisses {
  hit: number
  miss: number
}

export interface Look {
  token(presented: string): KnownToken | null
  keepToken(presented: string, token: KnownToken): void
  live(token: KnownToken, instanceId: string): Live | null
  keepLive(token: KnownToken, instanceId: string, live: Live): void
  /** The instance that has proved itself with this credential lately. */
  caller(credential: InstanceCredential): string | null
  keepCaller(credential: InstanceCredential, instanceId: string): void
}

export interface MemoryOptions {
  /** Of the module's tables. */
  changes: Changes
  directory: Pick<Directory, 'changes'>
  maxTokens?: number
}

const MAX_TOKENS = 100_000
const MAX_CALLERS = 10_000
/** An instance's credential is shown to the host again after this, since the host notes when it was last used. */
const CALLER_TTL_MS = 900

interface Held<Fact> {
  mark: number
  fact: Fact
}

export function createMemory({ changes, directory, maxTokens = MAX_TOKENS }: MemoryOptions): Memory {
  const hostChanges = directory.changes ?? null
  const ledger = createLedger(new Set([changes, ...(hostChanges ? [hostChanges] : [])]))
  const tokens = new LRUCache<string, Held<KnownToken>>({ max: maxTokens })
  const lives = new LRUCache<string, Held<Live>>({ max: maxTokens })
  const callers = new LRUCache<string, Held<string>>({
    max: MAX_CALLERS,
    ttl: CALLER_TTL_MS,
    ttlResolution: 0,
    perf: { now: () => Date.now() },
  })

  const share = createShare()
  const keyOf = createMemoryKeys()
  const keyOfCaller = ({ secret, claimedInstanceId = '' }: InstanceCredential) =>
    keyOf(`${secret} ${claimedInstanceId}`)

  const recall = <Fact>(held: Held<Fact> | undefined, subjects: (fact: Fact) => Subjects) => {
    if (!held || !ledger.holds(held.mark, () => subjects(held.fact))) return null
    held.mark = ledger.mark() // it is as good as new, and need not be looked at again until something else changes
    return held.fact
  }
  const counts = { token: { hit: 0, miss: 0 }, live: { hit: 0, miss: 0 }, caller: { hit: 0, miss: 0 } }
  const counted = <Fact>(kind: HitsAndMisses, fact: Fact | null) => {
    kind[fact === null ? 'miss' : 'hit'] += 1
    return fact
  }

  return {
    counts,
    async look(hereForMs = 0) {
      const ownIsCurrent = await changes.isCurrent(hereForMs)
      const hostIsCurrent =
        hostChanges === changes ? ownIsCurrent : hostChanges !== null && (await hostChanges.isCurrent(hereForMs))
      const allIsCurrent = ownIsCurrent && hostIsCurrent
      const mark = ledger.mark()

      return {
        token: (presented) =>
          counted(
            counts.token,
            ownIsCurrent ? recall(tokens.get(keyOf(presented)), (token) => ({ token: lineOf(token) })) : null,
          ),
        keepToken: (presented, fact) => void tokens.set(keyOf(presented), { mark, fact }),

        live: (token, instanceId) =>
          counted(
            counts.live,
            allIsCurrent ? recall(lives.get(`${token.id} ${instanceId}`), (live) => subjectsOf(token, live)) : null,
          ),
        keepLive: (token, instanceId, live) =>
          void lives.set(`${token.id} ${instanceId}`, { mark, fact: sharing(share, live) }),

        caller: (credential) =>
          counted(
            counts.caller,
            hostIsCurrent ? recall(callers.get(keyOfCaller(credential)), (id) => ({ instance: [id] })) : null,
          ),
        keepCaller: (credential, fact) => void callers.set(keyOfCaller(credential), { mark, fact }),
      }
    },
  }
}

/** A token and those that it was exchanged for: what changes of one of them counts for it. */
const lineOf = ({ id, parents }: KnownToken) => [id, ...parents.map((parent) => parent.id)]

/** With the one copy that is held of what is not the token's own. */
function sharing(share: Share, { user, team, instance, policy, ...own }: Live): Live {
  return {
    ...own,
    user: share(`user ${user.id}`, user),
    team: share(`team ${team.id}`, team),
    instance: share(`instance ${instance.id}`, instance),
    policy: share(`policy ${team.id}`, policy),
  }
}

const subjectsOf = (token: KnownToken, { user, team, instance }: Live) => ({
  token: lineOf(token),
  user: [user.id],
  team: [team.id],
  instance: [instance.id],
})
