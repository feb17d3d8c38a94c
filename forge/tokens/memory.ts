import { LRUCache } from 'lru-cache'

import type { TeamFacts } from '../access/rules.ts'
import type { Changes } from '../changes/changes.ts'
import { createLedger, type Subjects } from '../changes/ledger.ts'
import type { Directory, HostFacts, InstanceCredential } from '../directory/directory.ts'
import { soon, type Soon } from '../soon.ts'
import type { KnownToken } from './facts.ts'
import { liveAt, type HeldToken } from './held-tokens.ts'
import { createMemoryKeys } from './memory-key.ts'

/** What a decision needs besides the token. */
export type Live = HostFacts & TeamFacts

/**
 * Whether the facts behind decisions that are held in memory may be used: never one that has changed since, nor one
 * while nobody can tell. What is held is never a decision.
 */
export interface Memory {
  /**
   * What is held, for a request that is here now: at once where nobody has to be asked. What it reads meanwhile is kept as
   * old as this look.
   * @param since when it came, by the monotonic clock; now unless said otherwise
   */
  look(since?: number): Soon<Look>
  /** How often something was looked for so far, and was held. */
  readonly counts: Readonly<Record<'token' | 'live' | 'caller', Readonly<HitsAndMisses>>>
}

interface HitsAndMisses {
  hit: number
  miss: number
}

export interface Look {
  /** What is read after this look is at least as new as that. */
  readonly mark: number
  /** The facts of a held token, if they still hold. */
  token(held: HeldToken | null): KnownToken | null
  /** What there is to know of its holder at an instance, if that still holds; asked about a token that does. */
  live(held: HeldToken, instanceId: string): Live | null
  /** The instance that has proved itself with this credential lately. */
  caller(credential: InstanceCredential): string | null
  keepCaller(credential: InstanceCredential, instanceId: string): void
}

export interface MemoryOptions {
  /** Of the module's tables. */
  changes: Changes
  directory: Pick<Directory, 'changes'>
}

const MAX_CALLERS = 10_000
/** An instance's credential is shown to the host again after this, since the host notes when it was last used. */
const CALLER_TTL_MS = 900

interface HeldCaller {
  mark: number
  instanceId: string
}

export function createMemory({ changes, directory }: MemoryOptions): Memory {
  const hostChanges = directory.changes ?? null
  const ledger = createLedger(new Set([changes, ...(hostChanges ? [hostChanges] : [])]))
  const callers = new LRUCache<string, HeldCaller>({
    max: MAX_CALLERS,
    ttl: CALLER_TTL_MS,
    ttlResolution: 0,
    perf: { now: () => Date.now() },
  })

  const keyOf = createMemoryKeys()
  const keyOfCaller = ({ secret, claimedInstanceId = '' }: InstanceCredential) =>
    keyOf(`${secret} ${claimedInstanceId}`)

  const stillHolds = (held: { mark: number }, subjects: () => Subjects) => {
    if (!ledger.holds(held.mark, subjects)) return false
    held.mark = ledger.mark() // it is as good as new, and need not be looked at again until something else changes
    return true
  }
  const counts = { token: { hit: 0, miss: 0 }, live: { hit: 0, miss: 0 }, caller: { hit: 0, miss: 0 } }
  const counted = <Fact>(kind: HitsAndMisses, fact: Fact | null) => {
    kind[fact === null ? 'miss' : 'hit'] += 1
    return fact
  }

  const lookAs = (current: Current): Look => ({
    mark: current.mark,

    token(held) {
      const token = current.own ? (held?.token ?? null) : null
      const holds = held && token && stillHolds(held, () => ({ token: lineOf(token) }))
      return counted(counts.token, holds ? token : null)
    },

    live(held, instanceId) {
      const live = current.own && current.host ? liveAt(held, instanceId) : null
      const holds = live && held.token && stillHolds(live, subjectsOf(held.token, live))
      return counted(counts.live, holds ? live : null)
    },

    caller(credential) {
      const caller = current.host ? callers.get(keyOfCaller(credential)) : undefined
      const holds = caller && stillHolds(caller, () => ({ instance: [caller.instanceId] }))
      return counted(counts.caller, holds ? caller.instanceId : null)
    },
    keepCaller: (credential, instanceId) =>
      void callers.set(keyOfCaller(credential), { mark: current.mark, instanceId }),
  })
  // Hardly anything changes between two requests, so that most see what the one before saw.
  let seen: Current = { mark: ledger.mark(), own: false, host: false }
  let latest = lookAs(seen)
  const lookNow = (own: boolean, host: boolean): Look => {
    const mark = ledger.mark()
    if (mark !== seen.mark || own !== seen.own || host !== seen.host) {
      seen = { mark, own, host }
      latest = lookAs(seen)
    }
    return latest
  }
  /** Asked last, since what it says may hold for a moment only. */
  const askHost = (own: boolean, since: number | undefined): Soon<boolean> => {
    if (hostChanges === changes) return own
    return hostChanges === null ? false : isCurrent(hostChanges, since)
  }

  return {
    counts,
    look: (since) => soon(isCurrent(changes, since), (own) => soon(askHost(own, since), (host) => lookNow(own, host))),
  }
}

function isCurrent(changes: Changes, since: number | undefined): Soon<boolean> {
  const answer = changes.isCurrent(since)
  return typeof answer === 'boolean' ? answer : Promise.resolve(answer)
}

/** When a look was taken, and whether what is held of the module's tables and of the host's may be used. */
interface Current {
  mark: number
  own: boolean
  host: boolean
}

/** A token and those that it was exchanged for: what changes of one of them counts for it. */
const lineOf = ({ id, parents }: KnownToken) => [id, ...parents.map((parent) => parent.id)]

const subjectsOf =
  (token: KnownToken, { user, team, instance }: Live) =>
  () => ({ token: lineOf(token), user: [user.id], team: [team.id], instance: [instance.id] })
