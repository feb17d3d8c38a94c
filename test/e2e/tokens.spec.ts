import { expect, PASSWORD, setRole, signInByApi, test } from './support/world.ts'

test('an empty list says what tokens are for and leads to the first one', async ({ signedIn: page }) => {
  await page.goto('')
  await expect(page.getByRole('heading', { name: 'You have no access tokens yet' })).toBeVisible()
  await page.getByRole('link', { name: 'Mint your first token' }).click()
  await expect(page.getByRole('heading', { name: 'Mint a token' })).toBeFocused()
})

test('who is in no team is told what to do before a token can reach anything', async ({ page, newcomer, baseURL }) => {
  const api = await signInByApi(String(baseURL), newcomer.username, PASSWORD)
  await page.context().addCookies((await api.storageState()).cookies)

  await page.goto('settings/tokens/new')
  await expect(page.getByRole('heading', { name: 'There is nothing that a token could reach yet' })).toBeVisible()
  await page.getByRole('link', { name: 'Go to teams' }).click()
  await expect(page.getByRole('heading', { name: 'You are in no team yet' })).toBeVisible()
  await api.dispose()
})

test('a minted token is listed with its limits and revoked for good', async ({ signedIn: page, world }) => {
  await page.goto('settings/tokens/new')
  await page.getByLabel('Name').fill('Claude Code on my laptop')
  await page.getByLabel('Description').fill('Reads the line metrics every morning.')
  await page.getByLabel('Search teams, applications and instances').fill('packer')
  await expect(page.getByRole('checkbox', { name: /line-4-labeller/ })).toHaveCount(0)
  await page.getByRole('checkbox', { name: /line-4-packer/ }).check()
  await expect(page.getByRole('radio', { name: 'Owner' })).toBeDisabled()
  await expect(page.getByText('You are Member there.')).toBeVisible()
  await expect(page.getByLabel('Read-only')).toBeChecked()
  await expect(page.getByRole('radio', { name: '30 days' })).toBeChecked()
  await page.getByRole('button', { name: 'Mint token' }).click()

  await expect(page.getByRole('heading', { name: '“Claude Code on my laptop” is ready' })).toBeFocused()
  await expect(page.getByLabel('Your token')).toHaveValue(/^ffpat_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/)
  await page.getByRole('button', { name: 'I have stored it' }).click()

  const token = page.getByRole('row', { name: /Claude Code on my laptop/ })
  await expect(token).toContainText('line-4-packer')
  await expect(token).toContainText('Viewer')
  await expect(token).toContainText('Read-only')
  await expect(token).toContainText('in 30 days')
  await expect(token.getByText('Never')).toBeVisible()

  await page.getByRole('link', { name: 'Claude Code on my laptop' }).click()
  const drawer = page.getByRole('dialog', { name: 'Claude Code on my laptop' })
  await expect(drawer).toContainText('Reads the line metrics every morning.')
  await drawer.getByRole('button', { name: 'Revoke' }).click()
  const dialog = page.getByRole('alertdialog', { name: 'Revoke “Claude Code on my laptop”?' })
  await expect(dialog).toContainText('line-4-packer')
  await expect(dialog).toContainText('It has never been used.')
  await dialog.getByRole('button', { name: 'Keep it' }).click()
  await expect(drawer.getByText('Active')).toBeVisible()

  await drawer.getByRole('button', { name: 'Revoke' }).click()
  await dialog.getByRole('button', { name: 'Revoke token' }).click()
  await expect(page.getByText('“Claude Code on my laptop” is revoked.')).toBeVisible()
  await expect(page.getByText('No token is active now.')).toBeVisible()

  await page.getByText('Revoked, expired, replaced').click()
  await expect(token.getByText('Revoked').first()).toBeVisible()

  const { tokens } = (await (await world.api.get('api/v1/tokens')).json()) as { tokens: { state: string }[] }
  expect(tokens.map(({ state }) => state)).toEqual(['revoked'])
})

test('a whole application includes what is created there later, and says so', async ({ signedIn: page }) => {
  await page.goto('settings/tokens/new')
  await page.getByRole('checkbox', { name: /line-4-packer/ }).check()
  await page.getByRole('checkbox', { name: /^All of Packaging/ }).check()

  await expect(page.getByRole('checkbox', { name: /line-4-packer/ })).toBeDisabled()
  await expect(page.getByText('Included with all of Packaging')).toHaveCount(2)
  await expect(page.getByRole('region', { name: 'This token' })).toContainText('Reaches 2 instances today.')
  await expect(page.getByRole('region', { name: 'This token' })).toContainText('created later in Packaging')

  await page.getByRole('button', { name: 'Remove Packaging' }).click()
  await expect(page.getByRole('region', { name: 'This token' })).toContainText('Reaches nothing yet.')
})

test('what is missing is said at its field, and the first one gets the focus', async ({ signedIn: page }) => {
  await page.goto('settings/tokens/new')
  await page.getByRole('button', { name: 'Mint token' }).click()
  await expect(page.getByLabel('Name')).toBeFocused()
  await expect(page.getByLabel('Name')).toHaveAccessibleDescription(/Enter a name by which you will know this token/)
  await expect(page.getByText('Choose at least one instance, application or team.')).toBeVisible()

  await page.getByLabel('Name').fill('Nightly report')
  await page.getByText('On a date').click()
  await page.getByLabel('Last day').fill('2020-01-01')
  await page.getByRole('button', { name: 'Mint token' }).click()
  await expect(page.getByLabel('Search teams, applications and instances')).toBeFocused()
  await expect(page.getByText('Choose a day that is not over yet.')).toBeVisible()
})

test('a refusal keeps what was typed', async ({ signedIn: page, world, admin }) => {
  await page.goto('settings/tokens/new')
  await page.getByLabel('Name').fill('Nightly report')
  await page.getByRole('checkbox', { name: /line-4-packer/ }).check()
  await page.getByRole('radio', { name: 'Member' }).check()
  await setRole(admin, world, 'viewer')
  await page.getByRole('button', { name: 'Mint token' }).click()

  await expect(page.getByText('A token can be no more than you are').first()).toBeVisible()
  await expect(page.getByRole('radio', { name: 'Member' })).toBeFocused()
  await expect(page.getByLabel('Name')).toHaveValue('Nightly report')

  await page.getByRole('radio', { name: 'Viewer' }).check()
  await page.getByRole('button', { name: 'Mint token' }).click()
  await expect(page.getByLabel('Your token')).toBeVisible()
})

test('a list that cannot be loaded says so and is loaded by trying again', async ({ signedIn: page, world }) => {
  await world.mint()
  await page.route('**/api/v1/tokens?*', (route) => route.fulfill({ status: 502, body: '<h1>Bad gateway</h1>' }))
  await page.goto('settings/tokens')
  await expect(page.getByRole('alert')).toContainText('The forge could not answer (status 502).')

  await page.unroute('**/api/v1/tokens?*')
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('row', { name: /Claude Code/ })).toBeVisible()
})

test('a revocation that fails is told in the dialog and can be tried again', async ({ signedIn: page, world }) => {
  const { id } = await world.mint()
  await page.goto(`settings/tokens?token=${id}`)
  await page.route(`**/api/v1/tokens/${id}`, (route) => route.abort())
  await page.getByRole('button', { name: 'Revoke', exact: true }).click()
  await page.getByRole('button', { name: 'Revoke token' }).click()
  await expect(page.getByRole('alertdialog').getByRole('alert')).toContainText('The forge does not answer.')

  await page.unroute(`**/api/v1/tokens/${id}`)
  await page.getByRole('button', { name: 'Revoke token' }).click()
  await expect(page.getByText('No token is active now.')).toBeVisible()
})
