import type { Page } from '@playwright/test'

/** On our page for it: a token of a member for the instance `line-4`. @returns its text */
export async function mintOnPage(page: Page): Promise<string> {
  await page.getByLabel('Name').fill('Claude Code')
  await page.getByRole('checkbox', { name: /^line-4 / }).check()
  await page.getByRole('radio', { name: 'Member' }).check()
  await page.getByRole('button', { name: 'Mint token' }).click()
  return page.getByLabel('Your token').inputValue()
}
