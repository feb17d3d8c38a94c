import type { LdapFault } from '../../../contract/ldap.ts'

/** A directory could not be asked, and at which step. `cause` is for the log, and never holds what a person typed. */
export class DirectoryFault extends Error {
  override readonly name = 'DirectoryFault'
  readonly problem: LdapFault

  constructor(problem: LdapFault, cause?: unknown) {
    super(problem, { cause })
    this.problem = problem
  }
}

/** What an administrator may read of what went wrong: the directory's or the system's own words. */
export function detailOf({ cause }: DirectoryFault): string | undefined {
  if (!(cause instanceof Error)) return undefined
  const { code } = cause as { code?: unknown }
  return [typeof code === 'string' ? code : cause.name, cause.message.trim()].join(': ').slice(0, 300)
}
