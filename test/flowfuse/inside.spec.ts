import { connect, lastAnsweredAs } from './support/calls.ts'
import { expect, test } from './support/lane.ts'
import { createMember, mint, ROLE } from './support/people.ts'

/** FlowFuse's own, the latest first. */
interface AuditLog {
  log: { event: string; username: string | null }[]
}

test('a token that is minted inside FlowFuse works until it is revoked, and FlowFuse’s own audit log says both', async ({
  site,
  team,
  line,
}) => {
  const person = await createMember(site, team, ROLE.member)
  const { id, token } = await mint(person, line.id)
  const caller = await connect(line, token)
  const before = await caller.whoami()
  expect(before).toMatchObject({ username: person.username, userId: person.id, role: 'member' })

  await person.call('DELETE', `/pat/api/v1/tokens/${id}`)
  expect(await lastAnsweredAs(before, 'refused', caller.whoami)).toBeLessThan(1_000)
  await caller.close()

  const inTeamLog = async () => {
    const { log } = await site.admin<AuditLog>('GET', `/api/v1/teams/${team.id}/audit-log`)
    const theirs = log.filter(({ username }) => username === person.username).map(({ event }) => event)
    return theirs.filter((event) => event.startsWith('user.pat.'))
  }
  await expect.poll(inTeamLog).toEqual(['user.pat.revoked', 'user.pat.created'])
})

test('FlowFuse that is started again brings forge-pat with it, and all that it knew', async ({ site, team, line }) => {
  const person = await createMember(site, team, ROLE.member)
  const caller = await connect(line, (await mint(person, line.id)).token)
  const before = await caller.whoami()

  await site.stopFlowFuse()
  await expect(fetch(`${site.url}/pat/health/live`)).rejects.toThrow()
  await site.startFlowFuse()

  expect(await person.call('GET', '/pat/api/v1/tokens')).toMatchObject({ count: 1 })
  expect(await caller.whoami()).toEqual(before)
  await caller.close()
})
