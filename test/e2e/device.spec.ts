import type { APIRequestContext, Page } from '@playwright/test'

import type { WhoAmI } from '../../forge/contract/whoami.ts'
import { writeToForge } from './support/database.ts'
import { expect, PASSWORD, test, type World } from './support/world.ts'

interface Answer {
  access_token?: string
  scope?: string
  error?: string
}

interface Program {
  userCode: string
  link: string
  poll(): Promise<Answer>
}

/** A program that asks to read and to change at both instances, and waits. */
async function startProgram(request: APIRequestContext, { packer, labeller }: World): Promise<Program> {
  const ask = { client_id: 'forge-pat', scope: 'mcp:read mcp:write' }
  const resources = [packer, labeller].map(({ url }): [string, string] => ['resource', url])
  const data = new URLSearchParams([...Object.entries(ask), ...resources]).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const begun = await request.post('oauth/device_authorization', { headers, data })
  const code = (await begun.json()) as { device_code: string; user_code: string; verification_uri_complete: string }
  const grant = 'urn:ietf:params:oauth:grant-type:device_code'
  const form = { grant_type: grant, device_code: code.device_code, client_id: 'forge-pat' }
  return {
    userCode: code.user_code,
    link: code.verification_uri_complete,
    poll: async () => (await (await request.post('oauth/token', { form })).json()) as Answer,
  }
}

async function enterCode(page: Page, userCode: string): Promise<void> {
  await page.goto('device')
  await page.getByLabel('Code').fill(userCode)
  await page.getByRole('button', { name: 'Go on' }).click()
  await expect(page.getByRole('heading', { name: 'forge-pat command' })).toBeVisible()
}

/** On the sign-in page, to which a person is brought who opens a page without a session. */
async function signInHere(page: Page, username: string): Promise<void> {
  await page.getByLabel('User name').fill(username)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

test('a program in a terminal is let in by its code, from another browser, with less than it asked for', async ({
  browser,
  world,
  baseURL,
  request,
}) => {
  const program = await startProgram(request, world)

  // The one who started it, in a browser of their own, comes by the link, signs in, and decides.
  const own = await browser.newContext({ baseURL: String(baseURL) })
  const page = await own.newPage()
  await page.goto(program.link)
  await signInHere(page, world.person.username)
  await expect(page.getByLabel('Code')).toHaveValue(program.userCode)
  await expect(page.getByText('Go on only if you have started the program yourself')).toBeVisible()
  await page.getByRole('button', { name: 'It is the same: go on' }).click()
  await expect(page.getByRole('heading', { name: 'forge-pat command' })).toBeVisible()
  await expect(page.getByRole('checkbox', { name: /line-4-packer/ })).toBeChecked()
  await page.getByRole('checkbox', { name: /line-4-labeller/ }).uncheck()
  await page.getByRole('radio', { name: 'Viewer' }).check()
  await page.getByRole('checkbox', { name: /^Read-only/ }).check()
  await page.getByLabel('Name').fill('The terminal')
  await page.getByRole('button', { name: 'Approve' }).click()
  await expect(page.getByRole('heading', { name: 'Go back to the program' })).toBeVisible()

  const { access_token: token, scope } = await program.poll()
  expect(token).toMatch(/^ffpat_/)
  expect(scope).toBe('mcp:read')
  const headers = { authorization: `Bearer ${String(token)}` }
  const who = (await (await request.get('api/v1/whoami', { headers })).json()) as WhoAmI
  expect(who.instances.map(({ name }) => name)).toEqual(['line-4-packer'])
  await page.getByRole('link', { name: 'My tokens' }).click()
  await expect(page.getByRole('link', { name: 'The terminal' })).toBeVisible()

  // Somebody else finds nothing behind the code any more.
  const foreign = await browser.newContext({ baseURL: String(baseURL) })
  const other = await foreign.newPage()
  await other.goto('device')
  await signInHere(other, world.person.username)
  await other.getByLabel('Code').fill(program.userCode.toLowerCase())
  await other.getByRole('button', { name: 'Go on' }).click()
  await expect(other.getByText('No program waits with this code.')).toBeVisible()
  await Promise.all([own.close(), foreign.close()])
})

test('a person says no, and the program gets nothing', async ({ signedIn: page, world, request }) => {
  const program = await startProgram(request, world)
  await enterCode(page, program.userCode)
  await page.getByRole('button', { name: 'Deny' }).click()
  await expect(page.getByRole('heading', { name: 'You have said no' })).toBeVisible()

  expect(await program.poll()).toMatchObject({ error: 'access_denied' })
})

test('a code that ends while the person looks at it is good for nothing', async ({
  signedIn: page,
  world,
  request,
}) => {
  const program = await startProgram(request, world)
  await enterCode(page, program.userCode)
  await writeToForge(`UPDATE pat_device_codes SET expires_at = '2020-01-01 00:00:00.000 +00:00'`)
  await page.getByRole('button', { name: 'Approve' }).click()

  await expect(page.getByRole('alert')).toContainText('No program waits with this code.')
  expect(await program.poll()).toMatchObject({ error: 'expired_token' })
  await page.getByRole('button', { name: 'Enter another code' }).click()
  await expect(page.getByLabel('Code')).toHaveValue('')
})

test('who signed in long ago confirms that it is them, in place, and nothing typed is lost', async ({
  signedIn: page,
  world,
  request,
}) => {
  const program = await startProgram(request, world)
  await enterCode(page, program.userCode)
  await page.getByLabel('Name').fill('The terminal')
  await writeToForge(
    `UPDATE sessions SET authenticated_at = '2020-01-01 00:00:00.000 +00:00' WHERE user_id = '${world.person.id}'`,
  )
  await page.getByRole('button', { name: 'Approve' }).click()

  const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' })
  await dialog.getByLabel('Password').fill(PASSWORD)
  await dialog.getByRole('button', { name: 'Confirm' }).click()
  await expect(page.getByRole('heading', { name: 'Go back to the program' })).toBeVisible()
  expect(await program.poll()).toMatchObject({ access_token: expect.stringMatching(/^ffpat_/) })
})

test('a session that ends meanwhile is renewed in place', async ({ signedIn: page, world, request }) => {
  const program = await startProgram(request, world)
  await enterCode(page, program.userCode)
  await page.context().clearCookies()
  await page.getByRole('button', { name: 'Approve' }).click()

  const dialog = page.getByRole('dialog', { name: 'Sign in again' })
  await dialog.getByLabel('Password').fill(PASSWORD)
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Go back to the program' })).toBeVisible()
})
