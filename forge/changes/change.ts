import type { Grant, GrantType } from '../contract/grant.ts'

const KINDS = ['token', 'user', 'team', 'instance', 'rules', 'all'] as const
export type ChangeKind = (typeof KINDS)[number]
const PLACES: readonly GrantType[] = ['instance', 'application', 'team']

/** Something that decisions look at is not as it was. */
export interface Change {
  kind: ChangeKind
  /** Of the token, person, team or instance; `rules` are those of an instance. Empty for `all`. */
  id: string
  /** What of a token's reach came or went with it. */
  place?: Grant
}

/** Anything may have changed. */
export const EVERYTHING: Change = { kind: 'all', id: '' }

/** Reads what a trigger said: `kind id`, or `kind id type place`. What nobody understands may be anything. */
export function parseChange(text: string): Change {
  const [kind, id, type, placeId] = text.split(' ')
  if (!isOneOf(KINDS, kind) || kind === 'all' || !id) return EVERYTHING
  return isOneOf(PLACES, type) && placeId ? { kind, id, place: { type, id: placeId } } : { kind, id }
}

function isOneOf<Name extends string>(names: readonly Name[], text: string | undefined): text is Name {
  return names.some((name) => name === text)
}

type Listener = (change: Change) => void

export interface Listeners {
  add(listener: Listener): () => void
  tell(change: Change): void
}

export function createListeners(): Listeners {
  const listeners = new Set<Listener>()

  return {
    add(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    tell(change) {
      for (const listener of listeners) listener(change)
    },
  }
}
