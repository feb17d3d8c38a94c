import { ROLE_LEVELS, roleFromLevel } from '../../contract/role.ts'
import { ForgeError } from '../../errors/forge-error.ts'
import { selectRows } from '../../sql/rows.ts'
import type { Person } from '../sessions/person.ts'
import type { HostStore } from '../store.ts'

/** What somebody wants to do with a team or with what is in it: every role sees, owners manage. */
export type Intent = 'see' | 'manage'

export interface TeamScope {
  teamId: string
}

export interface ApplicationScope extends TeamScope {
  applicationId: string
}

/**
 * Lets the person through to a team.
 * @throws {ForgeError} not_found, also for a team that is not theirs; forbidden when they may only see it
 */
export async function requireTeam({ db }: HostStore, person: Person, teamId: string, intent: Intent): Promise<void> {
  const [team] = await selectRows<Standing>(
    db,
    `SELECT m.role_level AS "roleLevel" FROM teams t
     LEFT JOIN team_members m ON m.team_id = t.id AND m.user_id = $2
     WHERE t.id = $1`,
    [teamId, person.userId],
  )
  check(person, team, intent, 'There is no such team.')
}

/**
 * Lets the person through to an application, by the override of their role where there is one.
 * @throws {ForgeError} not_found, forbidden
 */
export async function requireApplication(
  { db }: HostStore,
  person: Person,
  applicationId: string,
  intent: Intent,
): Promise<ApplicationScope> {
  const [application] = await selectRows<Standing & ApplicationScope>(
    db,
    `SELECT a.id AS "applicationId", a.team_id AS "teamId", coalesce(o.role_level, m.role_level) AS "roleLevel"
     FROM applications a ${ROLE_IN_APPLICATION} WHERE a.id = $1`,
    [applicationId, person.userId],
  )
  return check(person, application, intent, 'There is no such application.')
}

/** Lets the person through to an instance; the role is that in its application. @throws {ForgeError} not_found, forbidden */
export async function requireInstance(
  { db }: HostStore,
  person: Person,
  instanceId: string,
  intent: Intent,
): Promise<void> {
  const [instance] = await selectRows<Standing>(
    db,
    `SELECT coalesce(o.role_level, m.role_level) AS "roleLevel"
     FROM instances i JOIN applications a ON a.id = i.application_id ${ROLE_IN_APPLICATION} WHERE i.id = $1`,
    [instanceId, person.userId],
  )
  check(person, instance, intent, 'There is no such instance.')
}

/** Joins, to an application `a`, the member `m` whose id is `$2` and their override `o`. */
export const ROLE_IN_APPLICATION = `
  LEFT JOIN team_members m ON m.team_id = a.team_id AND m.user_id = $2
  LEFT JOIN role_overrides o ON o.application_id = a.id AND o.user_id = m.user_id`

interface Standing {
  /** Null when the person is no member. */
  roleLevel: number | null
}

function check<Found extends Standing>(
  person: Person,
  found: Found | undefined,
  intent: Intent,
  absent: string,
): Found {
  if (!found) throw new ForgeError('not_found', absent)
  if (person.admin) return found

  const role = roleFromLevel(found.roleLevel ?? ROLE_LEVELS.none)
  if (!role) throw new ForgeError('not_found', absent)
  if (intent === 'manage' && role !== 'owner') throw new ForgeError('forbidden', 'Only an owner can do this.')
  return found
}
