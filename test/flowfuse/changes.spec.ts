import { connect, lastAnsweredAs } from './support/calls.ts'
import { createApplication, createInstance, isRunning } from './support/instances.ts'
import { expect, test } from './support/lane.ts'
import { addMember, createMember, createTeam, mint, ROLE, type Person } from './support/people.ts'
import type { Site } from './support/site.ts'

/** Issue 9: what changes in FlowFuse counts within this. No question that begins later is answered as before. */
const COUNTS_WITHIN_MS = 2_000

/** Suspends or lets in again, as FlowFuse's administrator. */
const suspend = ({ admin }: Site, { id }: Person, suspended: boolean) =>
  admin('PUT', `/api/v1/users/${id}`, { suspended })

test.describe('a tool call', () => {
  test('is one of a viewer once FlowFuse lowered the role', async ({ site, team, line }) => {
    const person = await createMember(site, team, ROLE.member)
    const caller = await connect(line, (await mint(person, line.id)).token)
    const role = async () => Object(await caller.whoami()).role as unknown
    expect(await role()).toBe('member')

    await site.admin('PUT', `/api/v1/teams/${team.id}/members/${person.id}`, { role: ROLE.viewer })
    expect(await lastAnsweredAs('member', 'viewer', role)).toBeLessThan(COUNTS_WITHIN_MS)
    await caller.close()
  })

  test('is refused once FlowFuse removed the member', async ({ site, team, line }) => {
    const person = await createMember(site, team, ROLE.member)
    const caller = await connect(line, (await mint(person, line.id)).token)
    const before = await caller.whoami()
    expect(before).toMatchObject({ username: person.username })

    await site.admin('DELETE', `/api/v1/teams/${team.id}/members/${person.id}`)
    expect(await lastAnsweredAs(before, 'refused', caller.whoami)).toBeLessThan(COUNTS_WITHIN_MS)
    await caller.close()
  })

  test('is refused while FlowFuse has the person suspended', async ({ site, team, line }) => {
    const person = await createMember(site, team, ROLE.member)
    const caller = await connect(line, (await mint(person, line.id)).token)
    const before = await caller.whoami()
    expect(before).toMatchObject({ username: person.username })

    await suspend(site, person, true)
    expect(await lastAnsweredAs(before, 'refused', caller.whoami)).toBeLessThan(COUNTS_WITHIN_MS)
    await suspend(site, person, false)
    await expect.poll(caller.whoami).toEqual(before)
    await caller.close()
  })

  test('is refused once its application belongs to another team, also for who is in both', async ({
    site,
    team,
    application,
    line,
  }) => {
    const person = await createMember(site, team, ROLE.member)
    const other = await createTeam(site)
    await addMember(site, other, person, ROLE.owner)
    const caller = await connect(line, (await mint(person, line.id)).token)
    const before = await caller.whoami()
    expect(before).toMatchObject({ username: person.username })

    // FlowFuse 2.4 has no route for it.
    const move = async (to: string) => {
      const teamId = `(SELECT "id" FROM "Teams" WHERE "name" = $1)`
      await site.home.run(
        `UPDATE "Applications" SET "TeamId" = ${teamId} WHERE "id" =
           (SELECT "ApplicationId" FROM "Projects" WHERE "id" = $2)`,
        [to, line.uuid],
      )
      await site.home.run(`UPDATE "Projects" SET "TeamId" = ${teamId} WHERE "id" = $2`, [to, line.uuid])
    }
    await move(other.name)
    try {
      expect(await lastAnsweredAs(before, 'refused', caller.whoami)).toBeLessThan(COUNTS_WITHIN_MS)
      const { count } = await site.admin<{ count: number }>('GET', `/api/v1/applications/${application.id}/instances`)
      expect(count).toBe(1)
    } finally {
      await move(team.name)
    }
    await expect.poll(caller.whoami).toEqual(before)
    await caller.close()
  })
})

test('an instance that FlowFuse deleted is told nothing any more, and reached by no token', async ({ site, team }) => {
  const person = await createMember(site, team, ROLE.member)
  const spare = await createInstance(site, await createApplication(site, team, 'Palletizing'), 'spare')
  const credential = Buffer.from(`${spare.uuid}:${await spare.credential()}`).toString('base64')
  const { token, id } = await mint(person, spare.id)
  const introspect = async () => {
    const headers = { authorization: `Basic ${credential}` }
    const body = new URLSearchParams({ token })
    const answer = await fetch(`${site.url}/pat/oauth/introspect`, { method: 'POST', headers, body })
    return answer.status === 200 ? ((await answer.json()) as { active: boolean }).active : answer.status
  }
  expect(await introspect()).toBe(true)

  await isRunning(site, spare)
  await site.admin('DELETE', `/api/v1/projects/${spare.uuid}`)
  expect(await lastAnsweredAs<boolean | number>(true, 401, introspect)).toBeLessThan(COUNTS_WITHIN_MS)
  expect(await person.call('POST', `/pat/api/v1/tokens/${id}/explain`, { instanceId: spare.id })).toMatchObject({
    allowed: false,
    summary: 'The instance or the person no longer exists.',
  })
})
