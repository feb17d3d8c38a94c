import type { CreatedToken, CreateToken } from '../../../forge/contract/token.ts'
import { callAs, type Call } from './api.ts'
import { PASSWORD } from './home.ts'
import type { Site } from './site.ts'

/** FlowFuse's numbers. */
export const ROLE = { dashboard: 5, viewer: 10, member: 30, owner: 50 } as const

export interface Person {
  /** FlowFuse's id, which is ours too. */
  id: string
  username: string
  password: string
  /** FlowFuse's, of a session that has just begun. */
  cookie: string
  /** Calls FlowFuse, and us below `/pat`, from their browser. */
  call: Call
}

export interface Team {
  id: string
  name: string
}

/** Whom FlowFuse makes at its first start. */
const ADMIN = 'ff-admin'

let people = 0

/** Somebody of FlowFuse's who has just signed in there. */
async function createPerson({ url, admin }: Site, name = 'alice'): Promise<Person> {
  const username = `${name}-${++people}`
  const account = { username, name: username, email: `${username}@example.com`, password: PASSWORD }
  const { id } = await admin<{ id: string }>('POST', '/api/v1/users', account)
  const cookie = await signInAt(url, username)
  return { id, username, password: PASSWORD, cookie, call: callAs(url, { cookie }) }
}

async function signInAt(url: string, username: string): Promise<string> {
  const answer = await fetch(`${url}/account/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password: PASSWORD }),
  })
  const cookie = answer.headers.get('set-cookie')?.split(';')[0]
  if (!answer.ok || cookie === undefined) throw new Error(`FlowFuse does not let ${username} in: ${answer.status}`)
  return cookie
}

/** As FlowFuse does it: they are invited, and accept. */
export async function addMember({ admin }: Site, team: Team, person: Person, role: number): Promise<void> {
  await admin('POST', `/api/v1/teams/${team.id}/invitations`, { user: person.username, role })
  const { invitations } = await person.call<{ invitations: { id: string }[] }>('GET', '/api/v1/user/invitations')
  for (const { id } of invitations) await person.call('PATCH', `/api/v1/user/invitations/${id}`)
}

/** A new person in a team. @param role FlowFuse's number */
export async function createMember(site: Site, team: Team, role: number): Promise<Person> {
  const person = await createPerson(site)
  await addMember(site, team, person, role)
  return person
}

let teams = 0

export async function createTeam({ admin }: Site): Promise<Team> {
  const name = `Line ${++teams}`
  const { types } = await admin<{ types: { id: string }[] }>('GET', '/api/v1/team-types')
  const slug = name.toLowerCase().replace(' ', '-')
  const { id } = await admin<{ id: string }>('POST', '/api/v1/teams', { name, slug, type: types[0]?.id })
  return { id, name }
}

/** As our page does it, in the person's browser. @param instanceId ours: FlowFuse's, an underscore, and the team's */
export async function mint(
  person: Person,
  instanceId: string,
  input: Partial<CreateToken> = {},
): Promise<CreatedToken> {
  return person.call<CreatedToken>('POST', '/pat/api/v1/tokens', {
    name: 'Claude Code',
    role: 'member',
    readOnly: false,
    grants: [{ type: 'instance', id: instanceId }],
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    ...input,
  })
}

/** Deletes all people but the administrator, and all teams but one. */
export async function forgetAllBut({ admin }: Site, { id }: Team): Promise<void> {
  const { teams } = await admin<{ teams: Team[] }>('GET', '/api/v1/teams')
  for (const team of teams) if (team.id !== id) await admin('DELETE', `/api/v1/teams/${team.id}`)
  const { users } = await admin<{ users: { id: string; username: string }[] }>('GET', '/api/v1/users')
  for (const user of users) if (user.username !== ADMIN) await admin('DELETE', `/api/v1/users/${user.id}`)
}
