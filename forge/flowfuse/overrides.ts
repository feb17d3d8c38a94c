/** What shuts a person out of an application. */
const NONE = 0

/**
 * The roles that replace a member's team role, application by application, from what FlowFuse keeps of them as JSON.
 * Whatever is there and cannot be understood shuts the person out: an override may have been meant to lower a role.
 */
export function readOverrides(permissions: unknown): Overrides {
  if (permissions === null || permissions === undefined || permissions === '') return NO_OVERRIDES

  const applications = applicationsIn(permissions)
  if (applications === null) return { of: () => NONE }

  const roles = new Map(applications)
  return { of: (applicationId) => (roles.has(applicationId) ? levelOf(roles.get(applicationId)) : null) }
}

export interface Overrides {
  /** The level that replaces the team role; null where nothing does. */
  of(applicationId: string): number | null
}

const NO_OVERRIDES: Overrides = { of: () => null }

const levelOf = (role: unknown) => (Number.isInteger(role) ? (role as number) : NONE)

function applicationsIn(permissions: unknown): [string, unknown][] | null {
  const read = typeof permissions === 'string' ? parseJson(permissions) : permissions
  if (read === null) return []
  if (typeof read !== 'object') return null

  const applications = (read as Record<string, unknown>)['applications'] ?? {}
  return typeof applications === 'object' ? Object.entries(applications) : null
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
