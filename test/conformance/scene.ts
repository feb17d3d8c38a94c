import type { CreatedToken, CreateToken } from '../../forge/contract/token.ts'
import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  createUser,
  mintToken,
  setOverride,
  signIn,
  type TestApplication,
  type TestInstance,
  type TestUser,
} from '../support/builders.ts'
import { startForge, type TestForge } from '../support/forge.ts'

/** A forge that listens, with one person who is a member of a team that has one instance. */
export interface Scene {
  forge: TestForge
  introspectionUrl: string
  user: TestUser
  team: { id: string }
  application: TestApplication
  instance: TestInstance
  /** A writing token of the person, as a member, for the instance, unless the body says otherwise. */
  mint: (body?: Partial<CreateToken>) => Promise<CreatedToken>
  close: () => Promise<void>
}

export async function startScene({ instanceUrl }: { instanceUrl?: string } = {}): Promise<Scene> {
  const forge = await startForge({ listen: true })
  const user = await createUser(forge, { username: 'alice' })
  const team = await createTeam(forge)
  await addMember(forge, { team, user, role: 'member' })
  const application = await createApplication(forge, { team })
  const instance = await createInstance(forge, { application, ...(instanceUrl ? { url: instanceUrl } : {}) })

  return {
    forge,
    introspectionUrl: `${forge.url}/oauth/introspect`,
    user,
    team,
    application,
    instance,
    mint: (body) => mintToken(forge, { user, instance, role: 'member', readOnly: false, ...body }),
    close: () => forge.close(),
  }
}

/** The text of a token that has expired this moment. */
export async function expiredToken({ forge, mint }: Scene): Promise<string> {
  const { id, token } = await mint()
  await forge.db.getQueryInterface().bulkUpdate('pat_tokens', { expires_at: new Date() }, { id })
  return token
}

export async function revokedToken({ forge, user, mint }: Scene): Promise<string> {
  const { id, token } = await mint()
  const url = `${forge.url}/api/v1/tokens/${id}`
  const { statusCode } = await forge.app.inject({ method: 'DELETE', url, headers: await signIn(forge, user) })
  if (statusCode !== 204) throw new Error(`revoking was answered ${statusCode}`)
  return token
}

/** A live token of the same person, for an instance of another team of theirs. */
export async function foreignToken({ forge, user }: Scene): Promise<string> {
  const team = await createTeam(forge, { owner: user })
  const instance = await createInstance(forge, { application: await createApplication(forge, { team }) })
  return (await mintToken(forge, { user, instance })).token
}

export async function tokenOfSuspended(scene: Scene): Promise<string> {
  const { user, token } = await mintOfAnother(scene)
  await scene.forge.store.User.update({ suspended: true }, { where: { id: user.id } })
  return token
}

export async function tokenOfLeaver(scene: Scene): Promise<string> {
  const { user, token } = await mintOfAnother(scene)
  await scene.forge.store.Member.destroy({ where: { userId: user.id } })
  return token
}

/** Of a member whom an application override leaves no role. */
export async function tokenOfShutOut(scene: Scene): Promise<string> {
  const { user, token } = await mintOfAnother(scene)
  await setOverride(scene.forge, { application: scene.application, user, role: 'none' })
  return token
}

async function mintOfAnother({ forge, team, instance }: Scene): Promise<{ user: TestUser; token: string }> {
  const user = await createUser(forge)
  await addMember(forge, { team, user, role: 'member' })
  const { token } = await mintToken(forge, { user, instance })
  return { user, token }
}
