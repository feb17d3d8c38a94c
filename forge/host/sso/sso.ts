import type { FastifyBaseLogger } from 'fastify'

import type { Audit } from '../../audit/audit.ts'
import type { Sessions } from '../sessions/person.ts'
import type { Vault } from './vault.ts'

/** What everything about single sign-on works with. */
export interface Sso {
  sessions: Sessions
  vault: Vault
  audit: Audit
  /** Where people and providers reach this forge. */
  baseUrl: string
  log: FastifyBaseLogger
  suspensions: Suspensions
}

/** Carries the news that a provider disabled people to whoever keeps things that they could still act with. */
export interface Suspensions {
  listen(listener: (suspension: Suspension) => Promise<void>): void
  /** To be called once the suspension is committed. */
  announce(suspension: Suspension): Promise<void>
}

export interface Suspension {
  userId: string
  provider: { id: string; name: string; requestId: string; address: string }
}

export function createSuspensions(): Suspensions {
  const listeners: ((suspension: Suspension) => Promise<void>)[] = []
  return {
    listen: (listener) => void listeners.push(listener),
    async announce(suspension) {
      for (const listener of listeners) await listener(suspension)
    },
  }
}
