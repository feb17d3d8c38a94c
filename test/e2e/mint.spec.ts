import type { IssuedCredential } from '../../forge/contract/host.ts'
import type { Token } from '../../forge/contract/token.ts'
import { reportCalls, reportTools } from './support/tools.ts'
import { create, expect, test } from './support/world.ts'

test('a link fills in the form, marks what it filled, gives no more than Viewer, and mints nothing', async ({
  signedIn: page,
  world,
}) => {
  const query = new URLSearchParams({
    client: 'cursor',
    name: 'Night shift',
    grants: `instance:${world.packer.id},instance:not-mine`,
    role: 'member',
    expires: '7',
  })
  await page.goto(`settings/tokens/new?${query.toString()}`)
  await expect(page.getByLabel('Name')).toHaveValue('Night shift')
  await expect(page.getByRole('radio', { name: 'Cursor' })).toBeChecked()
  await expect(page.getByRole('checkbox', { name: /line-4-packer/ })).toBeChecked()
  await expect(page.getByRole('radio', { name: 'Viewer' })).toBeChecked()
  await expect(page.getByRole('radio', { name: '7 days' })).toBeChecked()
  await expect(page.getByText('From the link')).toHaveCount(4)
  await expect(page.getByText('A link gives no more than Viewer')).toBeVisible()
  await expect(page.getByText('1 place that you do not reach')).toBeVisible()

  const { count } = (await (await world.api.get('api/v1/tokens')).json()) as { count: number }
  expect(count).toBe(0)
})

test('a token is duplicated with all its limits, which no link from elsewhere can do', async ({
  signedIn: page,
  world,
}) => {
  const { id } = await world.mint({ role: 'member', readOnly: false })
  await page.goto(`settings/tokens?token=${id}`)
  await page.getByRole('link', { name: 'Duplicate' }).click()
  await expect(page.getByLabel('Name')).toHaveValue('Claude Code (copy)')
  await expect(page.getByRole('radio', { name: 'Member' })).toBeChecked()
  await expect(page.getByLabel('Read-only')).not.toBeChecked()
  await expect(page.getByText('Medium risk')).toBeVisible()
})

test('a token is limited to one tool by keyboard, and another to what it used by one click', async ({
  signedIn: page,
  world,
  admin,
}) => {
  await reportTools(admin, world)
  await page.goto(`settings/tokens/new?name=Report&grants=instance:${world.packer.id}`)
  await page.getByRole('checkbox', { name: 'Limit to certain tools' }).press('Space')
  await page.keyboard.press('Tab')
  await expect(page.getByLabel('Search tools')).toBeFocused()
  await expect(page.getByRole('checkbox', { name: 'set_speed' })).toBeVisible()
  await page.keyboard.type('metrics')
  await expect(page.getByRole('checkbox', { name: 'set_speed' })).toHaveCount(0)
  await page.keyboard.press('Tab')
  await expect(page.getByRole('checkbox', { name: 'read_metrics' })).toBeFocused()
  await page.keyboard.press('Space')

  const worth = page.getByRole('region', { name: 'Its tools' })
  await expect(worth).toContainText('Can call 1 tool')
  await expect(worth).toContainText('Can’t call 2 tools')
  await page.getByRole('button', { name: 'Mint token' }).click()
  await expect(page.getByRole('heading', { name: '“Report” is ready' })).toBeVisible()
  const tokens = async () =>
    ((await (await world.api.get('api/v1/tokens')).json()) as { tokens: Token[] }).tokens.map(({ tools }) => tools)
  expect(await tokens()).toEqual([['read_metrics']])

  const { id } = await reportCalls(admin, world)
  await page.goto(`settings/tokens/${id}/edit`)
  await page.getByRole('button', { name: 'Only the 1 tool that it used' }).click()
  await expect(page.getByText('May call read_metrics and no other tool.')).toBeVisible()
  await page.getByRole('button', { name: 'Save changes' }).click()
  await expect(page.getByText('The token is changed.')).toHaveCount(1)
  expect(await tokens()).toEqual([['read_metrics'], ['read_metrics']])
})

test('the page waits for the first call, and turns green with client and instance', async ({
  signedIn: page,
  world,
  admin,
}) => {
  await page.goto(`settings/tokens/new?client=claude-code&grants=instance:${world.packer.id}`)
  await page.getByRole('button', { name: 'Mint token' }).click()
  await expect(page.getByRole('heading', { name: '2. Connect Claude Code' })).toBeVisible()
  await expect(page.getByText('Waiting for the first call from Claude Code…')).toBeVisible()

  const token = await page.getByLabel('Your token').inputValue()
  const path = `instances/${world.packer.id}/credentials`
  const { credential } = await create<IssuedCredential>(admin, path, {})
  const headers = { authorization: `Bearer ${credential}` }
  await admin.post('oauth/introspect', { headers, form: { token, client: 'claude-code 2.1' } })
  await expect(page.getByText('claude-code 2.1 has called')).toBeVisible({ timeout: 15_000 })
  await expect(page.getByText('At line-4-packer')).toBeVisible()
})

test('the token goes into a config only where somebody insists, with a warning', async ({ signedIn: page, world }) => {
  await page.goto(`settings/tokens/new?client=cursor&grants=instance:${world.packer.id}`)
  await page.getByRole('button', { name: 'Mint token' }).click()
  const token = await page.getByLabel('Your token').inputValue()
  const config = page.getByLabel('Put this into .cursor/mcp.json')
  await expect(config).not.toHaveValue(new RegExp(token))

  await page.getByLabel('Write the token itself into the file').check()
  await expect(page.getByText('It must never be committed or shared.')).toBeVisible()
  await expect(config).toHaveValue(new RegExp(token))
  await expect(page.getByLabel('Line for .gitignore')).toHaveValue('.cursor/mcp.json')
})

test('a token that one tab revokes is told to the other', async ({ signedIn: page, world }) => {
  const { id } = await world.mint()
  await page.goto(`settings/tokens?token=${id}`)
  const other = await page.context().newPage()
  await other.goto(`settings/tokens?token=${id}`)
  await other.getByRole('button', { name: 'Revoke', exact: true }).click()
  await other.getByRole('button', { name: 'Revoke token' }).click()
  await expect(other.getByText('No token is active now.')).toBeVisible()

  await page.getByRole('link', { name: 'Edit' }).click()
  await expect(page.getByRole('heading', { name: 'This token has ended' })).toBeVisible()
})

test('on a slow network the list keeps its place while it is loaded', async ({ signedIn: page, world }) => {
  await world.mint()
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  await page.route('**/api/v1/tokens?*', async (route) => {
    await held
    await route.continue()
  })
  await page.addInitScript(`
    window.shifts = []
    new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map(({ value }) => value)))
      .observe({ type: 'layout-shift', buffered: true })`)
  await page.goto('settings/tokens')
  await expect(page.getByRole('status').filter({ hasText: 'Loading your tokens…' })).toHaveCount(1)
  await expect(page.locator('[aria-busy="true"]')).toBeVisible()
  release()
  await expect(page.getByRole('row', { name: /Claude Code/ })).toBeVisible()
  // 0.1 is what people do not notice, by the definition of the measure.
  expect(await page.evaluate<number>('window.shifts.reduce((sum, shift) => sum + shift, 0)')).toBeLessThan(0.1)
})

test('what cannot be loaded about a token is said at its place, and tried again there', async ({
  signedIn: page,
  world,
}) => {
  const { id } = await world.mint()
  const refusal = { status: 500, json: { code: 'unexpected_error', error: 'Something went wrong here.' } }
  await page.route('**/usage', (route) => route.fulfill(refusal), { times: 1 })
  await page.goto(`settings/tokens?token=${id}`)
  await expect(page.getByRole('alert').filter({ hasText: 'Something went wrong here.' })).toBeVisible()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByText('Not used in the last 30 days.')).toBeVisible()
})

test('a thousand tokens are searched without a pause that anybody feels', async ({ signedIn: page, world }) => {
  const token = await world.mint()
  const tokens = Array.from({ length: 1000 }, (_, index) => ({ ...token, id: `k${index}`, name: `Token ${index}` }))
  await page.route('**/api/v1/tokens?*', (route) => route.fulfill({ json: { meta: {}, count: 1000, tokens } }))
  await page.goto('settings/tokens?sort=name')
  await expect(page.getByText('1,000 tokens')).toBeVisible()
  await expect(page.getByRole('row')).toHaveCount(51)
  await page.getByLabel('Search your tokens').fill('Token 999')
  await expect(page.getByRole('row')).toHaveCount(2)
  await expect(page).toHaveURL(/query=Token(\+|%20)999/)
})
