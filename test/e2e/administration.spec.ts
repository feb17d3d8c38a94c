import { ADMIN } from './support/admin.ts'
import { expect, PASSWORD, signIn, test, unique } from './support/world.ts'

test('an administrator prepares a team with a member, an application and an instance', async ({ page, baseURL }) => {
  const bob = `bob-${unique()}`
  await page.goto('login')
  await signIn(page, ADMIN.username, ADMIN.password)

  await page.getByRole('link', { name: 'Users' }).click()
  await page.getByRole('button', { name: 'Create a user' }).click()
  await page.getByLabel('User name').fill(bob)
  await page.getByLabel('Name', { exact: true }).fill('Bob Berger')
  await page.getByLabel('E-mail address').fill(`${bob}@example.com`)
  await page.getByLabel('First password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Create user' }).click()
  await expect(page.getByText(`${bob} · ${bob}@example.com`)).toBeVisible()

  await page.getByRole('link', { name: 'Teams' }).click()
  await page.getByRole('button', { name: 'Create a team' }).click()
  await page.getByLabel('Name').fill('Line 4')
  await page.getByRole('button', { name: 'Create team' }).click()
  await expect(page.getByRole('heading', { name: 'Line 4' })).toBeVisible()

  await page.getByRole('button', { name: 'Create an application' }).click()
  await page.getByLabel('Name').fill('Packaging')
  await page.getByRole('button', { name: 'Create application' }).click()
  await expect(page.getByRole('list', { name: 'Applications' })).toContainText('Packaging')

  await page.getByRole('button', { name: 'Create an instance' }).click()
  await page.getByLabel('Name', { exact: true }).fill('line-4-packer')
  await page.getByLabel('Address').fill('line-4.example.com')
  await page.getByRole('button', { name: 'Create instance' }).click()
  await expect(page.getByLabel('Address')).toBeFocused()
  await page.getByLabel('Address').fill('https://line-4.example.com')
  await page.getByRole('button', { name: 'Create instance' }).click()

  await page.getByRole('button', { name: 'Register a program' }).click()
  await page.getByLabel('Name', { exact: true }).fill('Night shift robot')
  await page.getByRole('button', { name: 'Register program' }).click()
  await expect(page.getByRole('list', { name: 'Programs' })).toContainText(/client_id [\da-f-]{36}/)
  await page.getByRole('button', { name: 'Remove Night shift robot' }).click()
  await page.getByRole('button', { name: 'Remove program' }).click()
  await expect(page.getByText('No program is registered')).toBeVisible()

  await page.getByRole('button', { name: 'Issue credential of line-4-packer' }).click()
  const credential = page.getByLabel('Environment variables')
  await expect(credential).toHaveValue(
    new RegExp(`^FORGE_URL=${baseURL?.replace(/\/$/, '')}\nFORGE_PROJECT_ID=\\S+\nFORGE_PROJECT_TOKEN=fft_\\S+$`),
  )
  await page.keyboard.press('Escape')
  await expect(credential).toBeVisible()
  const before = await credential.inputValue()
  await page.getByRole('button', { name: 'I have stored it' }).click()
  await expect(page.getByText('Credential never used')).toBeVisible()

  await page.getByRole('button', { name: 'Replace credential of line-4-packer' }).click()
  await expect(page.getByRole('alertdialog')).toContainText('The one before ends at once.')
  await page.getByRole('button', { name: 'Replace credential', exact: true }).click()
  await expect(credential).not.toHaveValue(before)
  await page.getByRole('button', { name: 'I have stored it' }).click()

  await page.getByRole('button', { name: 'Add a member' }).click()
  await page.getByLabel('User name or e-mail address').fill(`${bob}-who-is-not-there`)
  await page.getByRole('button', { name: 'Add member' }).click()
  await expect(page.getByRole('dialog').getByRole('alert')).toHaveText(/no user with this name/)
  await page.getByLabel('User name or e-mail address').fill(bob)
  await page.getByRole('button', { name: 'Add member' }).click()

  await page.getByLabel('Role of Bob Berger').selectOption('Viewer')
  await expect(page.getByText('Bob Berger is Viewer now.')).toBeVisible()

  await page.getByRole('button', { name: 'Roles of Bob Berger in applications' }).click()
  await page.getByLabel('Packaging', { exact: true }).selectOption('No access')
  await page.getByRole('button', { name: 'Save roles' }).click()
  await expect(page.getByText('No access in Packaging')).toBeVisible()

  await page.getByRole('button', { name: 'Remove Bob Berger' }).click()
  await expect(page.getByRole('alertdialog')).toContainText('Their tokens stop working')
  await page.getByRole('button', { name: 'Remove member' }).click()
  await expect(page.getByText('Bob Berger is no longer in this team.')).toBeVisible()
  await expect(page.getByText(`${bob} ·`)).toHaveCount(0)
})

test('the last owner of a team cannot be removed, and the page says why', async ({ page }) => {
  await page.goto('login?return=/teams')
  await signIn(page, ADMIN.username, ADMIN.password)
  await page.getByRole('button', { name: 'Create a team' }).first().click()
  await page.getByLabel('Name').fill('Only one')
  await page.getByRole('button', { name: 'Create team' }).click()

  await page.getByLabel(`Role of ${ADMIN.username}`).selectOption('Viewer')
  await expect(page.getByRole('alert')).toContainText('last owner')
  await expect(page.getByLabel(`Role of ${ADMIN.username}`)).toHaveValue('owner')
})

test('an administrator suspends a person and ends it again', async ({ page, newcomer }) => {
  await page.goto('login?return=/users')
  await signIn(page, ADMIN.username, ADMIN.password)
  const row = page.getByRole('listitem').filter({ hasText: newcomer.username })

  await row.getByRole('button', { name: 'Suspend Alice Arnold' }).click()
  await expect(page.getByRole('alertdialog')).toContainText('all of their tokens are refused at once')
  await page.getByRole('button', { name: 'Suspend user' }).click()
  await expect(row.getByText('Suspended')).toBeVisible()

  await row.getByRole('button', { name: 'End the suspension of Alice Arnold' }).click()
  await expect(row.getByText('Suspended')).toHaveCount(0)
})
