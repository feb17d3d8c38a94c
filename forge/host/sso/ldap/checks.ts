import type { LdapCheck } from '../../../contract/ldap.ts'
import { ForgeError } from '../../../errors/forge-error.ts'
import type { Task } from '../../../housekeeping/task.ts'
import type { ProviderRow } from '../model.ts'
import { findProviderOf } from '../find-provider.ts'
import { ownSettings } from '../settings.ts'
import { checkPeople } from './check.ts'
import type { Origin } from './check-effects.ts'
import type { Checking, Ldap } from './ldap.ts'

/** How often it is looked whether a directory is due; its own interval counts in minutes. */
const EVERY_SECONDS = 60

/** The forge by itself. */
const NOBODY: Origin = { requestId: null, address: null }

/** Looks at the people of each directory, as often as is set for it; of all forges, one does. */
export function ldapChecksTask(ldap: Ldap): Task {
  return {
    name: 'ldap-checks',
    everySeconds: EVERY_SECONDS,
    async run(now, shouldStop) {
      const providers = await ldap.sessions.store.Provider.findAll({ where: { type: 'ldap', enabled: true } })
      const isDueNow = await Promise.all(providers.map((provider) => isDue(ldap, provider, now)))
      const due = providers.filter((_, index) => isDueNow[index])
      // Side by side: one that is slow holds up no other.
      const ends = await Promise.allSettled(due.map((provider) => check(ldap, provider, NOBODY, shouldStop)))
      for (const end of ends) if (end.status === 'rejected') throw end.reason
    },
  }
}

async function isDue({ sessions: { store } }: Ldap, provider: ProviderRow, now: Date): Promise<boolean> {
  const last = await store.DirectoryCheck.findByPk(provider.id)
  const since = last?.checkedAt ?? provider.createdAt
  return now.getTime() - since.getTime() >= ownSettings(provider, 'ldap').checkMinutes * 60_000
}

/** At the word of an administrator. @throws {ForgeError} not_found; unavailable when the forge stops meanwhile */
export async function checkNow(ldap: Ldap, providerId: string, origin: Origin): Promise<LdapCheck> {
  const outcome = await check(ldap, await findProviderOf(ldap.sessions.store, providerId, 'ldap'), origin)
  if (outcome) return outcome
  throw new ForgeError('unavailable', 'The forge is stopping. Try again in a minute.', { retryAfterSeconds: 60 })
}

/** One at a time for a provider; whoever comes meanwhile is told what it says. */
function check(ldap: Ldap, provider: ProviderRow, origin: Origin, shouldStop?: () => boolean): Checking {
  const { checking } = ldap
  const running =
    checking.get(provider.id) ??
    checkAndRecord(ldap, provider, origin, shouldStop).finally(() => checking.delete(provider.id))
  checking.set(provider.id, running)
  return running
}

async function checkAndRecord(ldap: Ldap, provider: ProviderRow, origin: Origin, shouldStop?: () => boolean) {
  const outcome = await checkPeople(ldap, provider, origin, shouldStop)
  if (!outcome) return null
  const { at, ...rest } = outcome
  const row = { providerId: provider.id, checkedAt: new Date(at), outcome: JSON.stringify(rest) }
  await ldap.sessions.store.DirectoryCheck.upsert(row)
  if (outcome.problem === null)
    ldap.log.info({ provider: provider.name, ...rest }, 'the people of a directory were looked at')
  return outcome
}
