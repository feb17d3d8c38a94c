import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  createUser,
  openBrowser,
  type Browser,
  type TestApplication,
  type TestInstance,
  type TestUser,
} from '../../support/builders.ts'
import type { TestForge } from '../../support/forge.ts'

/** A team with an application and an instance, and a browser for everybody who may look at it differently. */
export interface Scene {
  team: { id: string; name: string; slug: string }
  application: TestApplication
  instance: TestInstance
  people: Record<Role, TestUser>
  as: Record<Role | 'nobody', Browser>
}

type Role = (typeof ROLES)[number]
const ROLES = ['admin', 'owner', 'member', 'viewer', 'dashboard', 'stranger'] as const

export async function setScene(forge: TestForge): Promise<Scene> {
  const team = await createTeam(forge)
  const application = await createApplication(forge, { team })
  const instance = await createInstance(forge, { application })

  const people: Partial<Record<Role, TestUser>> = { admin: forge.admin }
  const as: Partial<Scene['as']> = { nobody: await openBrowser(forge) }
  for (const role of ROLES) {
    const user = (people[role] ??= await createUser(forge))
    as[role] = await openBrowser(forge, user)
    if (role !== 'admin' && role !== 'stranger') await addMember(forge, { team, user, role })
  }
  return { team, application, instance, people: people as Scene['people'], as: as as Scene['as'] }
}
