import { expect, PASSWORD, signIn, test } from './support/world.ts'

test('a wrong password is told, and the right one leads to the page that was wanted', async ({ page, newcomer }) => {
  await page.goto('teams')
  await expect(page).toHaveURL(/\/login\?return=\/teams$/)

  await signIn(page, newcomer.username, 'not the password')
  await expect(page.getByRole('alert')).toHaveText('The user name or the password is wrong.')
  await expect(page.getByLabel('User name')).toHaveValue(newcomer.username)

  await signIn(page, newcomer.username, PASSWORD)
  await expect(page.getByRole('heading', { name: 'You are in no team yet' })).toBeVisible()
  await expect(page).toHaveURL(/\/teams$/)
})

for (const elsewhere of ['//evil.example', '/\\evil.example', 'https://evil.example/', 'javascript:alert(1)']) {
  test(`signing in never leads to ${elsewhere}`, async ({ page, newcomer, baseURL }) => {
    await page.goto(`login?return=${encodeURIComponent(elsewhere)}`)
    await signIn(page, newcomer.username, PASSWORD)
    await expect(page).toHaveURL(`${baseURL}settings/tokens`)
  })
}

test('an unknown address says so and leads back', async ({ signedIn: page }) => {
  await page.goto('no/such/page')
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible()
  await page.getByRole('link', { name: 'Go to your access tokens' }).click()
  await expect(page.getByRole('heading', { name: 'Access tokens', exact: true })).toBeFocused()
  await expect(page).toHaveTitle('Access tokens · Forge')
})

test('the page of all users does not exist for who does not run the platform', async ({ signedIn: page }) => {
  await page.goto('users')
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Users' })).toHaveCount(0)
})

test('a new password replaces the one before', async ({ signedIn: page, world }) => {
  await page.goto('settings/account')
  await page.getByLabel('Present password').fill('not the password')
  await page.getByLabel('New password').fill('an even better password')
  await page.getByRole('button', { name: 'Change password' }).click()
  await expect(page.getByRole('alert')).toContainText('password')
  await expect(page.getByLabel('New password')).toHaveValue('an even better password')

  await page.getByLabel('Present password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Change password' }).click()
  await expect(page.getByText('Your password is changed.')).toBeVisible()

  await page.getByRole('button', { name: 'Sign out' }).click()
  await signIn(page, world.person.username, 'an even better password')
  await expect(page.getByRole('heading', { name: 'Access tokens', exact: true })).toBeVisible()
})
