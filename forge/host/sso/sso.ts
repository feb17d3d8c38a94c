import type { FastifyBaseLogger } from 'fastify'

import type { Audit } from '../../audit/audit.ts'
import type { Sessions } from '../sessions/person.ts'
import type { Vault } from './vault.ts'

/** What everything about single sign-on works with. */
export interface Sso {
  sessions: Sessions
  vault: Vault
  audit: Pick<Audit, 'write'>
  /** Where people and providers reach this forge. */
  baseUrl: string
  log: FastifyBaseLogger
}
