import type { Page } from '@playwright/test'

import { expect, PASSWORD, signIn, test } from './support/world.ts'

const endSession = (page: Page) => page.context().clearCookies()

test('a session that ends while a token is minted costs nothing that was typed', async ({ signedIn: page }) => {
  await page.goto('settings/tokens/new')
  await page.getByLabel('Name').fill('Nightly report')
  await page.getByRole('checkbox', { name: /line-4-packer/ }).check()
  await endSession(page)
  await page.getByRole('button', { name: 'Mint token' }).click()

  const dialog = page.getByRole('dialog', { name: 'Sign in again' })
  await expect(dialog.getByLabel('Password')).toBeFocused()
  await page.keyboard.press('Escape')
  await dialog.getByLabel('Password').fill('not the password')
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(dialog.getByRole('alert')).toHaveText('The user name or the password is wrong.')

  await dialog.getByLabel('Password').fill(PASSWORD)
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByRole('heading', { name: '“Nightly report” is ready' })).toBeVisible()
})

test('the same over an open dialog', async ({ signedIn: page, world }) => {
  await world.mint()
  await page.goto('settings/tokens')
  await page.getByRole('link', { name: 'Claude Code' }).click()
  await page.getByRole('button', { name: 'Revoke', exact: true }).click()
  await endSession(page)
  await page.getByRole('button', { name: 'Revoke token' }).click()

  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByText('No token is active now.')).toBeVisible()
})

test('who would rather leave signs in and comes back to the page', async ({ signedIn: page, world }) => {
  await world.mint()
  await page.goto('teams')
  await expect(page.getByRole('link', { name: world.team.name })).toBeVisible()
  await endSession(page)
  await page.getByRole('link', { name: 'Access tokens' }).click()
  await page.getByRole('button', { name: 'Leave this page' }).click()
  await expect(page).toHaveURL(/\/login\?return=\/settings\/tokens$/)

  await signIn(page, world.person.username, PASSWORD)
  await expect(page.getByRole('row', { name: /Claude Code/ })).toBeVisible()
})
