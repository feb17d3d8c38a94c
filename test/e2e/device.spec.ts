import type { Page } from '@playwright/test'

import { expect, PASSWORD, test } from './support/world.ts'

interface Answer {
  access_token?: string
  error?: string
}

/** On the sign-in page, to which a person is brought who opens a page without a session. */
async function signInHere(page: Page, username: string): Promise<void> {
  await page.getByLabel('User name').fill(username)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

test('a program in a terminal is let in by its code, from another browser', async ({
  browser,
  world,
  baseURL,
  request,
}) => {
  const begun = await request.post('oauth/device_authorization', {
    form: { client_id: 'forge-pat', scope: 'mcp:read', resource: world.packer.url },
  })
  const code = (await begun.json()) as { device_code: string; user_code: string; verification_uri_complete: string }
  const poll = async (): Promise<Answer> => {
    const grant = 'urn:ietf:params:oauth:grant-type:device_code'
    const form = { grant_type: grant, device_code: code.device_code, client_id: 'forge-pat' }
    return (await (await request.post('oauth/token', { form })).json()) as Answer
  }

  // The one who started it, in a browser of their own, comes by the link, signs in, and decides.
  const own = await browser.newContext({ baseURL: String(baseURL) })
  const page = await own.newPage()
  await page.goto(`device?user_code=${code.user_code}`)
  await signInHere(page, world.person.username)
  await expect(page.getByLabel('Code')).toHaveValue(code.user_code)
  await expect(page.getByText('Go on only if you have started the program yourself')).toBeVisible()
  await page.getByRole('button', { name: 'It is the same: go on' }).click()
  await expect(page.getByRole('heading', { name: 'forge-pat command' })).toBeVisible()
  await expect(page.getByRole('checkbox', { name: /line-4-packer/ })).toBeChecked()
  await page.getByLabel('Name').fill('The terminal')
  await page.getByRole('button', { name: 'Approve' }).click()
  await expect(page.getByRole('heading', { name: 'Go back to the program' })).toBeVisible()

  const { access_token: token } = await poll()
  expect(token).toMatch(/^ffpat_/)
  await page.getByRole('link', { name: 'My tokens' }).click()
  await expect(page.getByRole('link', { name: 'The terminal' })).toBeVisible()

  // Somebody else finds nothing behind the code any more.
  const foreign = await browser.newContext({ baseURL: String(baseURL) })
  const other = await foreign.newPage()
  await other.goto('device')
  await signInHere(other, world.person.username)
  await other.getByLabel('Code').fill(code.user_code.toLowerCase())
  await other.getByRole('button', { name: 'Go on' }).click()
  await expect(other.getByText('No program waits with this code.')).toBeVisible()
  await Promise.all([own.close(), foreign.close()])
})

test('a person says no, and the program gets nothing', async ({ signedIn: page, request }) => {
  const begun = await request.post('oauth/device_authorization', { form: { client_id: 'forge-pat' } })
  const { device_code: deviceCode, user_code: userCode } = (await begun.json()) as Record<string, string>
  await page.goto('device')
  await page.getByLabel('Code').fill(String(userCode))
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByRole('button', { name: 'Deny' }).click()
  await expect(page.getByRole('heading', { name: 'You have said no' })).toBeVisible()

  const grant = 'urn:ietf:params:oauth:grant-type:device_code'
  const form = { grant_type: grant, device_code: String(deviceCode), client_id: 'forge-pat' }
  expect((await (await request.post('oauth/token', { form })).json()) as Answer).toMatchObject({
    error: 'access_denied',
  })
})
