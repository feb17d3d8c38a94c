import type { Locator, Page } from '@playwright/test'

import { expect, test } from './support/world.ts'

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
  await tabTo(page, page.getByRole('tab', { name: 'Claude Code' }))
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('tab', { name: 'VS Code' })).toBeFocused()
  await tabTo(page, page.getByRole('button', { name: 'I have stored it' }))
  await page.keyboard.press('Enter')

  await expect(page.getByRole('heading', { name: 'Access tokens', exact: true })).toBeFocused()
  const revoke = page.getByRole('button', { name: 'Revoke Keyboard' })
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
  await expect(page.getByRole('heading', { name: 'Access tokens', exact: true })).toBeFocused()
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
