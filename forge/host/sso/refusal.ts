import type { SsoProblem } from '../../contract/sso.ts'

/** Ends the way through a provider on the sign-in page. `cause` is for the log, and never holds what a person typed. */
export class SsoRefusal extends Error {
  override readonly name = 'SsoRefusal'
  readonly problem: SsoProblem

  constructor(problem: SsoProblem, cause?: unknown) {
    super(problem, { cause })
    this.problem = problem
  }
}
