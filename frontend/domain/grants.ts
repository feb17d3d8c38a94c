import type { GrantType } from '@contract/grant.ts'
import type { NamedGrant } from '@contract/token.ts'
import { t } from '../messages/messages.ts'

export const GRANT_TYPE_NAMES: Record<GrantType, string> = {
  team: t.grantsWords.team,
  application: t.grantsWords.application,
  instance: t.grantsWords.instance,
}

const GONE: Record<GrantType, string> = {
  team: t.grantsWords.aTeamThatIs,
  application: t.grantsWords.anApplicationThatIs,
  instance: t.grantsWords.anInstanceThatIs,
}

/** A grant in words: an instance by its name, a whole team or application said as such. */
export function describeGrant({ type, name }: NamedGrant): string {
  if (name === null) return GONE[type]
  return type === 'instance' ? name : t.grantsWords.allOf(name)
}

/** Whether instances that do not exist yet will be included. */
export const includesLater = (type: GrantType): boolean => type !== 'instance'
