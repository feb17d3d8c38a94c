import type { Locator, Page } from '@playwright/test'

import { ADMIN } from './support/admin.ts'
import { expect, PASSWORD, test, unique } from './support/world.ts'

/** Presses Tab until the control has the focus: it must be reachable, and within a sensible number of steps. */
async function tabTo(page: Page, control: Locator): Promise<void> {
  for (let step = 0; step < 60; step++) {
    if (await control.evaluate((element) => element === element.ownerDocument.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never reached ${control.toString()}`)
}

test('a token is minted and revoked by keyboard alone', async ({ signedIn: page }) => {
  await page.goto('settings/tokens')
  await expect(page.getByRole('link', { name: 'Mint your first token' })).toBeVisible()
  await tabTo(page, page.getByRole('link', { name: 'Mint your first token' }))
  await page.keyboard.press('Enter')

  await expect(page.getByRole('heading', { name: 'Mint a token' })).toBeFocused()
  await tabTo(page, page.getByLabel('Name'))
  await page.keyboard.type('Keyboard')
  await tabTo(page, page.getByLabel('Search teams, applications and instances'))
  await page.keyboard.type('packer')
  await tabTo(page, page.getByRole('checkbox', { name: /line-4-packer/ }))
  await page.keyboard.press('Space')
  await tabTo(page, page.getByRole('radio', { name: 'Viewer' }))
  await page.keyboard.press('ArrowUp')
  await expect(page.getByRole('radio', { name: 'Member' })).toBeChecked()
  await tabTo(page, page.getByRole('radio', { name: '30 days' }))
  await page.keyboard.press('ArrowLeft')
  await expect(page.getByRole('radio', { name: '7 days' })).toBeChecked()
  await tabTo(page, page.getByRole('button', { name: 'Mint token' }))
  await page.keyboard.press('Enter')

  await expect(page.getByRole('heading', { name: '“Keyboard” is ready' })).toBeFocused()
  await tabTo(page, page.getByRole('button', { name: 'Copy token' }))
  await tabTo(page, page.getByLabel('Client', { exact: true }))
  await page.keyboard.type('VS')
  await expect(page.getByText('.vscode/mcp.json').first()).toBeVisible()
  await tabTo(page, page.getByRole('button', { name: 'I have stored it' }))
  await page.keyboard.press('Enter')

  await expect(page.getByRole('heading', { name: 'Access tokens', exact: true })).toBeFocused()
  await tabTo(page, page.getByRole('link', { name: 'Keyboard' }))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Keyboard' })).toBeFocused()
  await tabTo(page, page.getByRole('tab', { name: 'Overview' }))
  await page.keyboard.press('ArrowRight')
  await expect(page.getByText('It works there as member')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('link', { name: 'Keyboard' })).toBeFocused()
  await page.keyboard.press('Enter')
  const revoke = page.getByRole('button', { name: 'Revoke', exact: true })
  await expect(page.getByRole('heading', { name: 'Keyboard' })).toBeFocused()
  await tabTo(page, revoke)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: 'Keep it' })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(revoke).toBeFocused()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'Revoke token' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByText('No token is active now.')).toBeVisible()
  await expect(page.getByRole('status').filter({ hasText: 'finds out within 10 seconds' })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Access tokens', exact: true })).toBeFocused()
})

/** Goes to a control and presses it. */
async function press(page: Page, control: Locator): Promise<void> {
  await expect(control).toBeVisible()
  await tabTo(page, control)
  await page.keyboard.press('Enter')
}

/** Goes to a field and types into it. */
async function type(page: Page, field: Locator, text: string): Promise<void> {
  await expect(field).toBeVisible()
  await tabTo(page, field)
  await page.keyboard.type(text)
}

test('a team is prepared by keyboard alone', async ({ page }) => {
  test.slow()
  const button = (name: string) => page.getByRole('button', { name })
  const carol = `carol-${unique()}`

  await page.goto('login')
  await type(page, page.getByLabel('User name'), ADMIN.username)
  await type(page, page.getByLabel('Password'), ADMIN.password)
  await page.keyboard.press('Enter')

  await press(page, page.getByRole('link', { name: 'Users' }))
  await press(page, button('Create a user'))
  await type(page, page.getByLabel('User name'), carol)
  await type(page, page.getByLabel('Name', { exact: true }), 'Carol Cole')
  await type(page, page.getByLabel('E-mail address'), `${carol}@example.com`)
  await type(page, page.getByLabel('First password'), PASSWORD)
  await press(page, button('Create user'))
  await expect(page.getByText(`${carol} · ${carol}@example.com`)).toBeVisible()

  // By its address: how far the way through the list of all users is depends on what ran before.
  await page.goto('teams')
  await press(page, button('Create a team'))
  await type(page, page.getByLabel('Name'), 'Keyboard team')
  await press(page, button('Create team'))
  await expect(page.getByRole('heading', { name: 'Keyboard team' })).toBeVisible()

  await press(page, button('Create an application'))
  await type(page, page.getByLabel('Name'), 'Packaging')
  await press(page, button('Create application'))
  await expect(page.getByRole('list', { name: 'Applications' })).toContainText('Packaging')

  await press(page, button('Create an instance'))
  await type(page, page.getByLabel('Name', { exact: true }), 'keys')
  await type(page, page.getByLabel('Address'), 'https://keys.example.com')
  await press(page, button('Create instance'))
  await press(page, button('Issue credential of keys'))
  await press(page, button('I have stored it'))
  await expect(page.getByText('Credential never used')).toBeVisible()

  await press(page, button('Add a member'))
  await type(page, page.getByLabel('User name or e-mail address'), carol)
  await press(page, page.getByRole('button', { name: 'Add member', exact: true }))
  await expect(page.getByRole('dialog')).toBeHidden()
  await press(page, button('Remove Carol Cole'))
  await expect(page.getByRole('alertdialog')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(button('Remove Carol Cole')).toBeFocused()
})

test('the skip link leads to the content of the same page', async ({ signedIn: page, baseURL }) => {
  await page.goto('settings/tokens')
  await expect(page.getByRole('link', { name: 'Mint your first token' })).toBeVisible()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('main')).toBeFocused()
  await expect(page).toHaveURL(`${baseURL}settings/tokens`)
})
