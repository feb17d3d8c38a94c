import { startFreshForge, type FreshForge } from './support/forge-process.ts'
import { expect, signIn, test } from './support/world.ts'

test.describe('a forge that is started for the first time, below a path', () => {
  let forge: FreshForge
  test.beforeAll(async () => {
    forge = await startFreshForge('/pat')
  })
  test.afterAll(async () => {
    await forge.stop()
  })

  test('is set up by its link, once', async ({ page }) => {
    await page.goto(`${forge.baseUrl}/settings/tokens`)
    await expect(page).toHaveURL(`${forge.baseUrl}/login?return=/settings/tokens`)
    await expect(page.getByText('Nobody can sign in yet.')).toBeVisible()

    await page.goto(forge.setupLink)
    await expect(page.getByRole('heading', { name: 'Set up this forge' })).toBeVisible()
    await expect(page).toHaveURL(`${forge.baseUrl}/setup`)

    await page.getByLabel('User name').fill('ada')
    await page.getByLabel('Your name').fill('Ada Ahrens')
    await page.getByLabel('E-mail address').fill('ada@example.com')
    await page.getByLabel('Password').fill('short')
    await page.getByRole('button', { name: 'Create the account' }).click()
    await expect(page.getByText('Use at least 8 characters.')).toBeVisible()
    await expect(page.getByLabel('Password')).toBeFocused()

    await page.getByLabel('Password').fill('long enough for today')
    await page.getByRole('button', { name: 'Create the account' }).click()
    await expect(page).toHaveURL(`${forge.baseUrl}/settings/tokens`)
    await expect(page.getByRole('heading', { name: 'You have no access tokens yet' })).toBeVisible()

    await page.goto(forge.setupLink)
    await expect(page.getByText('This forge is set up already.')).toBeVisible()

    await page.goto(`${forge.baseUrl}/settings/tokens`)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page).toHaveURL(`${forge.baseUrl}/login`)
    await signIn(page, 'ada', 'long enough for today')
    await expect(page.getByRole('heading', { name: 'Access tokens', exact: true })).toBeVisible()
  })
})
