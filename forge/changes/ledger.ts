import type { Change } from './change.ts'
import type { Changes } from './changes.ts'

/** What a thing that is held depends on, by kind. */
export interface Subjects {
  token?: readonly string[]
  user?: readonly string[]
  team?: readonly string[]
  instance?: readonly string[]
}

/** Remembers what has changed since when, so that whoever holds something can tell whether it still holds. */
export interface Ledger {
  /** The present moment. Whatever is read after it is at least as new as that. */
  mark(): number
  /** Whether none of the subjects has changed since the mark. They are asked for where anything has. */
  holds(mark: number, subjects: () => Subjects): boolean
}

/** Changes remembered one by one; beyond that, everything that is held counts as old. */
const MAX_REMEMBERED = 10_000

/** A ledger of what these tell. A change that arrives while something is being read makes that old, too. */
export function createLedger(sources: Iterable<Changes>, maxRemembered = MAX_REMEMBERED): Ledger {
  const changedAt = { token: new Map<string, number>(), user: new Map(), team: new Map(), instance: new Map() }
  let last = 0
  /** Nothing from before this moment holds. */
  let floor = 0
  let remembered = 0

  const forgetAll = () => {
    for (const kind of Object.values(changedAt)) kind.clear()
    remembered = 0
    floor = last
  }
  const note = ({ kind, id }: Change) => {
    if (kind === 'rules') return
    last += 1
    if (kind === 'all' || remembered >= maxRemembered) return forgetAll()
    remembered += changedAt[kind].has(id) ? 0 : 1
    changedAt[kind].set(id, last)
  }
  for (const source of sources) source.onChange(note)

  const isOld = (kind: keyof typeof changedAt, ids: readonly string[], mark: number) =>
    ids.some((id) => (changedAt[kind].get(id) ?? 0) > mark)

  return {
    mark: () => last,
    holds: (mark, subjects) => {
      if (mark === last) return true
      if (mark < floor) return false

      const { token = [], user = [], team = [], instance = [] } = subjects()
      return (
        !isOld('token', token, mark) &&
        !isOld('user', user, mark) &&
        !isOld('team', team, mark) &&
        !isOld('instance', instance, mark)
      )
    },
  }
}
