export type ProblemKind =
  | 'entry_changed'
  | 'entry_inserted'
  | 'entry_moved'
  | 'entries_missing'
  | 'checkpoint_changed'
  | 'checkpoints_missing'
  | 'unknown_key'

export interface AuditProblem {
  kind: ProblemKind
  /** The entry's id, or the numbers of entries or checkpoints. */
  what: string
  /** A sentence for people. */
  problem: string
}

/** What a verification has come upon so far. */
export interface Findings {
  report(kind: ProblemKind, what: string, problem: string): void
  readonly problems: AuditProblem[]
  readonly count: number
}

/** A lost key is a problem per entry: so many are named, the others only counted. */
const NAMED = 1000

export function createFindings(): Findings {
  const problems: AuditProblem[] = []
  let count = 0

  return {
    problems,
    get count() {
      return count
    },
    report(kind, what, problem) {
      count += 1
      if (problems.length < NAMED) problems.push({ kind, what, problem })
    },
  }
}
