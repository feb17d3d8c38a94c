import type { AttemptLimit } from '../../sessions/attempt-limit.ts'
import type { Sso } from '../sso.ts'
import type { LdapCheck } from '../../../contract/ldap.ts'
import type { Directories } from './directories.ts'

/** A look at the people of a directory; null where the forge stopped before it was through. */
export type Checking = Promise<LdapCheck | null>

/** Single sign-on, with the directories that are asked for it. */
export interface Ldap extends Sso {
  directories: Directories
  /** The same as for passwords of the forge. */
  attempts: AttemptLimit
  /** The looks at people that are under way here, by the id of the provider. */
  checking: Map<string, Checking>
}
