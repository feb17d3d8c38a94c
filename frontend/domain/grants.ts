import type { GrantType } from '@contract/grant.ts'
import type { NamedGrant } from '@contract/token.ts'

export const GRANT_TYPE_NAMES: Record<GrantType, string> = {
  team: 'Team',
  application: 'Application',
  instance: 'Instance',
}

const GONE: Record<GrantType, string> = {
  team: 'A team that is gone',
  application: 'An application that is gone',
  instance: 'An instance that is gone',
}

/** A grant in words: an instance by its name, a whole team or application said as such. */
export function describeGrant({ type, name }: NamedGrant): string {
  if (name === null) return GONE[type]
  return type === 'instance' ? name : `All of ${name}`
}

/** Whether instances that do not exist yet will be included. */
export const includesLater = (type: GrantType): boolean => type !== 'instance'
