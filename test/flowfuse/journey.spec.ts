import { connect, lastAnsweredAs } from './support/calls.ts'
import { expect, test } from './support/lane.ts'
import { mintOnPage } from './support/mint-on-page.ts'
import { createMember, mint, ROLE } from './support/people.ts'
import { signInOnPage, useSessionOf } from './support/sign-in.ts'

/** Issue 9. No call that begins later is let in. */
const REFUSED_WITHIN_MS = 1_000

test('somebody signs in at FlowFuse, opens our page, mints a token for an instance, and a tool there names them', async ({
  page,
  site,
  team,
  line,
}) => {
  const person = await createMember(site, team, ROLE.member)
  await page.goto(`${site.url}/pat/settings/tokens`)
  await expect(page.getByText('Sign in at FlowFuse')).toBeVisible()

  await page.goto(site.url)
  await signInOnPage(page, site.url, person)
  await page.goto(`${site.url}/pat`)
  await expect(page.getByText('You have no access tokens yet')).toBeVisible()
  await page.goto(`${site.url}/pat/settings/tokens/new`)
  const caller = await connect(line, await mintOnPage(page))
  expect(await caller.whoami()).toMatchObject({ username: person.username, userId: person.id, role: 'member' })
  await caller.close()
})

test('a token that was revoked on our page is refused within a second', async ({ page, site, team, line }) => {
  const person = await createMember(site, team, ROLE.member)
  const caller = await connect(line, (await mint(person, line.id)).token)
  const before = await caller.whoami()
  expect(before).toMatchObject({ username: person.username })

  await useSessionOf(page, site, person)
  await page.goto(`${site.url}/pat/settings/tokens`)
  await page.getByRole('link', { name: 'Claude Code' }).click()
  await page.getByRole('button', { name: 'Revoke', exact: true }).click()
  const revoked = page.waitForResponse((answer) => answer.request().method() === 'DELETE')
  await page.getByRole('button', { name: 'Revoke token' }).click()
  expect((await revoked).ok()).toBe(true)
  expect(await lastAnsweredAs(before, 'refused', caller.whoami)).toBeLessThan(REFUSED_WITHIN_MS)
  await caller.close()
})

test('an address that nobody can confirm, as this FlowFuse sends no e-mail, keeps nobody out', async ({
  site,
  team,
}) => {
  const person = await createMember(site, team, ROLE.member)
  await site.admin('PUT', `/api/v1/users/${person.id}`, { email_verified: false })
  expect(await person.call('GET', '/api/v1/user')).toMatchObject({ email_verified: false })

  expect(await person.call('GET', '/pat/api/v1/user')).toMatchObject({ id: person.id })
})
