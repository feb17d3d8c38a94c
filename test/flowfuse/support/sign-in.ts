import { expect, type Page } from '@playwright/test'

import type { Person } from './people.ts'
import type { Site } from './site.ts'

/** On FlowFuse's own page, which asks for one after the other, and names neither to who does not see. */
export async function signInOnPage(page: Page, url: string, { username, password }: Person): Promise<void> {
  await page.getByRole('textbox').fill(username)
  await page.getByRole('button', { name: 'Login' }).click()
  await page.locator('input[type="password"]').fill(password)
  const answer = page.waitForResponse(`${url}/account/login`)
  await page.getByRole('button', { name: 'Login' }).click()
  expect((await answer).status()).toBe(200)
}

/** A browser in which they have signed in already. */
export async function useSessionOf(page: Page, site: Site, { cookie }: Person): Promise<void> {
  const [name = '', value = ''] = cookie.split('=')
  await page.context().addCookies([{ name, value, url: site.url }])
}
