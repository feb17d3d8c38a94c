import { expect, it } from 'vitest'

import type { Dialect } from '../../../support/database.ts'
import { openWalkingBrowser, type WalkingBrowser } from '../../../support/sso/browser.ts'
import { toTheDoor, useSsoWorld } from './scene.ts'

/** What happens at the same moment comes out as if it had happened one after the other. */
export function ssoRaceCases(dialect: Dialect): void {
  const world = useSsoWorld(dialect)

  function tell(username: string, group: string) {
    const account = { email: `${username}@acme.example`, name: username, username, groups: [group] }
    world.idp.accounts.set(`${username}-1`, account)
  }

  const signedIn = async (steps: Awaited<ReturnType<typeof toTheDoor>>[]) => {
    const answers = await Promise.all(steps.map((step) => step()))
    return answers.map(({ headers }) => headers.location)
  }

  it('makes one account of five first sign-ins', async () => {
    const browsers = Array.from({ length: 5 }, () => openWalkingBrowser(world.forge))
    const steps = []
    for (const browser of browsers) steps.push(await toTheDoor(world, 'alice-1', browser))
    expect(await signedIn(steps)).toEqual(Array(5).fill(`${world.forge.url}/`))

    const ids = await Promise.all(browsers.map(idOf))
    expect(new Set(ids).size).toBe(1)
    const { User, Identity, Member } = world.forge.store
    expect(await User.count({ where: { email: 'alice@acme.example' } })).toBe(1)
    expect(await Identity.count({ where: { userId: ids } })).toBe(1)
    expect(await Member.count({ where: { userId: ids, teamId: world.team.id } })).toBe(1)
  })

  it('keeps one owner of two who lose their group', async () => {
    const { Member } = world.forge.store
    for (const username of ['alice', 'bob']) {
      tell(username, 'ff-line-4-owner')
      await world.signIn(`${username}-1`)
    }
    await Member.destroy({ where: { teamId: world.team.id, userId: world.olga.id } })

    const steps = []
    for (const username of ['alice', 'bob']) {
      tell(username, 'ff-line-4-viewer')
      steps.push(await toTheDoor(world, `${username}-1`))
    }
    expect(await signedIn(steps)).toEqual(Array(2).fill(`${world.forge.url}/`))

    const members = await Member.findAll({ where: { teamId: world.team.id } })
    expect(members.map(({ roleLevel }) => roleLevel).sort()).toEqual([10, 50])
  })
}

const idOf = async (browser: WalkingBrowser) => (await browser.call('GET', '/api/v1/user')).json<{ id: string }>().id
