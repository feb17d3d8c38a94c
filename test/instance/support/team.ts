import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  createUser,
  mintToken,
  type TestInstance,
  type TestUser,
} from '../../support/builders.ts'
import type { CreateToken } from '../../../forge/contract/token.ts'
import type { Role } from '../../../forge/contract/role.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

/** A real forge that listens, with one team, one instance and its people. */
export interface ForgeWithTeam {
  forge: TestForge
  instance: TestInstance
  alice: TestUser
  bob: TestUser
  /** The text of a new token for this instance. */
  mint(user: TestUser, body: { role: Role; readOnly?: boolean } & Partial<CreateToken>): Promise<string>
}

/** alice owns the team; bob is a member of it. */
export async function startForgeWithTeam(instanceUrl: string): Promise<ForgeWithTeam> {
  const forge = await startForge({ listen: true })
  const alice = await createUser(forge, { username: 'alice' })
  const bob = await createUser(forge, { username: 'bob' })
  const team = await createTeam(forge, { slug: 'line-3', name: 'Line 3', owner: alice })
  await addMember(forge, { team, user: bob, role: 'member' })
  const application = await createApplication(forge, { team })
  const instance = await createInstance(forge, { application, name: 'press', url: instanceUrl })

  return {
    forge,
    instance,
    alice,
    bob,
    mint: async (user, body) => (await mintToken(forge, { user, instance, readOnly: false, ...body })).token,
  }
}
