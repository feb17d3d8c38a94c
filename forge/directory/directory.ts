import type { FastifyRequest } from 'fastify'

import type { Changes } from '../changes/changes.ts'

/**
 * The module's only way to users, teams, roles and instances. Ids are opaque strings; `null` means not found. What a team
 * has stays with it: an application or instance that moves to another team is another one there (docs/adr/0018).
 * Roles are levels (`contract/role.ts`); a level that is not known grants nothing.
 */
export interface Directory {
  /** Who is signed in with a browser session on this request; null without one. Never looks at Authorization. */
  sessionUser(request: FastifyRequest): Promise<SessionUser | null>

  /** The teams that a person belongs to, with their applications and instances and the role in each. */
  memberships(userId: string): Promise<Membership[]>

  /**
   * All that a decision needs to know of the host about one person at one instance, in one look; null when the
   * person or the instance does not exist. Called at every introspection.
   */
  access(userId: string, instanceId: string): Promise<HostFacts | null>

  /**
   * What `access` asks, as SQL, where the host's tables stand in the database of the module's: it is then read together
   * with the token, in one statement. Elsewhere it is left out, and `access` is asked.
   */
  readonly accessSql?: AccessSql

  /** The instance that a presented instance credential belongs to; null when it is not a live one. */
  authenticateInstance(credential: InstanceCredential): Promise<string | null>

  /** An instance with its team; null when there is none. */
  instance(instanceId: string): Promise<InstanceFacts | null>

  /** A team with all its applications and instances; null when there is none. */
  team(teamId: string): Promise<TeamTree | null>

  /** The team's members among the given people, with what each may be there. */
  members(teamId: string, userIds: readonly string[]): Promise<Member[]>

  /** Those of the given people who exist. */
  people(userIds: readonly string[]): Promise<Person[]>

  /** Those of the team who may decide for it. */
  ownersOf(teamId: string): Promise<string[]>

  /**
   * Calls the listener after people, teams, applications or instances were deleted, and waits for it; it never fails.
   * A host that cannot say so leaves this out: what is gone is found within the hour, and refused before that.
   */
  onDeleted?(listener: () => Promise<void>): void

  /**
   * Tells what changes of people (`user`: their state, memberships and roles), of teams, and of instances and their
   * credentials (`instance`). The same object as the module's own where one channel tells of both. A host that cannot
   * say leaves this out: what it knows is read fresh each time.
   */
  readonly changes?: Changes

  /** Names for what is shown: those of the ids that exist. */
  names(ids: TargetIds): Promise<TargetNames>
}

export interface SessionUser {
  userId: string
  username: string
  /** Public reference of the session, for the audit. */
  sessionId: string
  /** When the person last proved who they are, epoch ms. */
  authenticatedAt: number
  /** The identity provider that this session came through; null, or absent, after a sign-in of the host's own. */
  providerId?: string | null
}

/** What single sign-on says of a person in a team that is reached through an identity provider alone. */
export interface SsoStanding {
  provider: { id: string; name: string }
  /** The person's last successful sign-in through it, epoch ms; null without one, or when the provider took it back. */
  signedInAt: number | null
}

export interface Membership {
  team: { id: string; name: string; slug: string; suspended: boolean }
  /** Null, or absent, for a team that no provider manages. */
  sso?: SsoStanding | null
  /** The role in the team; an application may override it. */
  roleLevel: number
  applications: {
    id: string
    name: string
    /** The role in this application: the override where there is one, else the team role. */
    roleLevel: number
    instances: { id: string; name: string; url: string; production: boolean }[]
  }[]
}

export interface TeamTree {
  id: string
  name: string
  slug: string
  suspended: boolean
  /** The identity provider that the team is reached through; null, or absent, without one. */
  provider?: SsoStanding['provider'] | null
  applications: {
    id: string
    name: string
    instances: { id: string; name: string; url: string; production: boolean }[]
  }[]
}

export interface Member {
  userId: string
  roleLevel: number
  /** Epoch ms; null where the host does not know. */
  since: number | null
  /** The last sign-in through the team's provider, epoch ms; null, or absent, without one. */
  signedInAt?: number | null
  /** Where single sign-on goes by the person, whatever the team; null, or absent, without it. */
  sso?: SsoStanding | null
  overrides: { applicationId: string; roleLevel: number }[]
}

export interface Person {
  id: string
  username: string
  name: string
  email: string
  suspended: boolean
}

export interface HostFacts {
  user: { id: string; username: string; name: string; email: string; picture: string | null; suspended: boolean }
  team: { id: string; name: string; slug: string; suspended: boolean }
  instance: { id: string; name: string; url: string; applicationId: string; production: boolean }
  /** The person's level in the team; null when they are not a member. */
  teamRoleLevel: number | null
  /** Since when the person has the role that counts here, epoch ms; null where the host does not know. */
  roleSince: number | null
  /** The application's override of that level; null without one. It replaces the team role, and may be 0. */
  overrideLevel: number | null
  /** Null, or absent, for a team that no identity provider manages. */
  sso?: (SsoStanding & SsoClaims) | null
}

export interface AccessSql {
  /**
   * A SELECT of one row, or none. Its columns are named by what they are of (`fullName`, `teamRoleLevel`), so that they
   * meet no column of a token, nor each other in lower case; `teamId` and `instanceId` are among them. Both databases
   * must understand it.
   * @param userId SQL that is the person's id @param instanceId the same for the instance
   */
  select(userId: string, instanceId: string): string
  /** What the columns of such a row say; null where they are all null. */
  read(row: Record<string, unknown>): HostFacts | null
}

/** What the provider said at that sign-in, for the instances of its team. */
export interface SsoClaims {
  /** When it saw the person prove who they are, epoch ms; null when it did not say. */
  authTime: number | null
  /** How, as RFC 8176 names it. */
  amr: string[]
  /** Those that concern the team; null where instances must not know. */
  groups: string[] | null
}

export interface InstanceFacts {
  id: string
  name: string
  applicationId: string
  team: { id: string; name: string }
}

export interface InstanceCredential {
  /** The `fft_` text. */
  secret: string
  /** The instance that the caller says it is (HTTP Basic); absent with a bare bearer. */
  claimedInstanceId?: string
}

export interface TargetIds {
  instances: string[]
  applications: string[]
  teams: string[]
}

/** Maps from id to name; what is gone is absent. */
export interface TargetNames {
  instances: Map<string, string>
  applications: Map<string, string>
  teams: Map<string, string>
}
