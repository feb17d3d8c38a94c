import { compactLive, compactToken } from './compact.ts'
import type { FoundToken, KnownToken } from './facts.ts'
import { createMemoryKeys } from './memory-key.ts'
import type { Live } from './memory.ts'
import type { Known } from './read-facts.ts'
import { createRecent, type Linked } from './recent.ts'
import { createShare } from './shared-facts.ts'

/** What a text has proved: to be the secret of this token, with this hash. */
export type Claim = Pick<FoundToken, 'id' | 'secretHash'>

/** All that is held of one text that was presented and has proved a token. The text is in it as a keyed hash. */
export interface HeldToken extends Linked<HeldToken> {
  /** Stays when the facts have changed: it need not be proved again. Once the facts were read, it is the token itself. */
  proved: Claim
  /** Null before the facts were read. */
  token: KnownToken | null
  /** When the facts of the token were last known to hold (`Ledger`). */
  mark: number
  /** Its holder at the instance where it was used first. Most tokens are used at one. */
  at: HeldLive | null
  /** At other instances, by their ids. */
  others: Map<string, HeldLive> | null
}

export interface HeldLive extends Live {
  /** When they were last known to hold. */
  mark: number
}

export interface HeldTokens {
  /** What is held of a presented text, which counts as used now. */
  of(presented: string): HeldToken | null
  /** Remembers what a text has proved. If that is not what it had proved before, nothing else of it holds. */
  prove(presented: string, claim: Claim): void
  /** Holds the facts of a token whose text has proved it, and of its holder where it is used. */
  keep(presented: string, known: Known, from: Origin): void
}

interface Origin {
  /** Null when no instance was asked about. */
  instanceId: string | null
  /** When the facts were read, or before (`Ledger`). */
  mark: number
}

export interface HeldTokensOptions {
  /** Of more, those that were not used for longest go, with their places. */
  maxTokens: number
  /** Places of all tokens together; a token has one for each instance that asked about it. */
  maxPlaces: number
}

const HELD_DEFAULTS: HeldTokensOptions = { maxTokens: 100_000, maxPlaces: 100_000 }

/**
 * What is held of tokens, by the texts that proved them: proofs and facts, never a decision. A wrong secret finds nothing
 * here, and so takes the same way as a selector that is unknown.
 */
export function createHeldTokens({ maxTokens, maxPlaces }: HeldTokensOptions = HELD_DEFAULTS): HeldTokens {
  const recent = createRecent<HeldToken>()
  const keyOf = createMemoryKeys()
  const share = createShare()
  let places = 0

  const clear = (held: HeldToken) => {
    places -= countPlaces(held)
    held.token = null
    held.at = null
    held.others = null
  }
  const isTooMuch = () => recent.size > maxTokens || places > maxPlaces
  const makeRoom = () => {
    while (isTooMuch()) {
      const oldest = recent.dropOldest()
      if (oldest) clear(oldest)
    }
  }

  return {
    of: (presented) => recent.get(keyOf(presented)) ?? null,

    prove(presented, { id, secretHash }) {
      const key = keyOf(presented)
      const proved = { id, secretHash }
      const held = recent.get(key)
      if (!held) {
        recent.add({ key, newer: null, older: null, proved, token: null, mark: 0, at: null, others: null })
        return makeRoom()
      }
      if (isSameClaim(held.proved, proved)) return

      clear(held)
      held.proved = proved
    },

    keep(presented, { token, live }, { instanceId, mark }) {
      const held = recent.get(keyOf(presented))
      // Or the hash has changed since it was proved: the next use proves it anew.
      if (!held || !isSameClaim(held.proved, token)) return

      const place = live && live.instance.id === instanceId ? compactLive(live, mark, share) : null
      held.token = compactToken(token, place, share)
      held.proved = held.token
      held.mark = mark
      if (!place) return

      const before = countPlaces(held)
      if (held.at === null || held.at.instance.id === instanceId) held.at = place
      else (held.others ??= new Map()).set(place.instance.id, place)
      places += countPlaces(held) - before
      makeRoom()
    },
  }
}

export const isSameClaim = (one: Claim, other: Claim) => one.id === other.id && one.secretHash === other.secretHash

/** What is held of a token's holder at an instance. */
export function liveAt({ at, others }: HeldToken, instanceId: string): HeldLive | null {
  return at?.instance.id === instanceId ? at : (others?.get(instanceId) ?? null)
}

const countPlaces = ({ at, others }: HeldToken) => (at === null ? 0 : 1) + (others?.size ?? 0)
