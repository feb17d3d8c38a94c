import type { Page } from '@playwright/test'

import { buildHostApp, type HostApp } from './support/host-app.ts'
import { expect, test } from './support/lane.ts'
import { mintOnPage } from './support/mint-on-page.ts'
import { createMember, mint, ROLE } from './support/people.ts'
import { useSessionOf } from './support/sign-in.ts'

let app: HostApp

test.beforeAll(async () => {
  test.setTimeout(180_000)
  app = await buildHostApp()
})
test.afterAll(() => app.remove())

/** All that the browser knows of the looks of each element of the host. */
const looksOf = (page: Page) =>
  page.evaluate(() => {
    const elements = [...document.querySelectorAll('html, body, #app, #app *')]
    const looksOfPart = (element: Element, part?: string) => {
      const style = getComputedStyle(element, part)
      return [...style].map((name) => `${name}: ${style.getPropertyValue(name)}`).join('; ')
    }
    return elements.map((element) => [element.tagName, looksOfPart(element), looksOfPart(element, '::before')])
  })

test('a FlowFuse that has our pages among its own keeps its looks, and people mint there', async ({
  page,
  site,
  team,
  line,
}) => {
  const person = await createMember(site, team, ROLE.member)
  await mint(person, line.id, { name: 'Minted before' })
  const errors: Error[] = []
  page.on('pageerror', (error) => errors.push(error))
  await app.serve(page, site.url)

  const home = page.getByRole('heading', { name: 'The host’s own page' })
  await page.route('**/host/assets/*.css', (route) => route.fulfill({ contentType: 'text/css', body: '' }))
  await page.goto(`${site.url}/host/`)
  await expect(home).toBeVisible()
  const alone = await looksOf(page)
  expect(alone.length).toBeGreaterThan(20)
  await page.unroute('**/host/assets/*.css')
  await page.goto(`${site.url}/host/`)
  await expect(home).toBeVisible()
  expect(await looksOf(page)).toEqual(alone)

  await page.getByRole('link', { name: 'To the tokens' }).click()
  await expect(page.getByRole('heading', { name: 'Sign in at FlowFuse' })).toBeVisible()
  await useSessionOf(page, site, person)
  await page.getByRole('button', { name: 'I have signed in' }).click()
  await expect(page.getByRole('heading', { name: 'Keys of mine' })).toBeFocused()
  await page.getByRole('link', { name: 'Minted before' }).click()
  const drawer = page.locator('.forge-pat-above').getByRole('dialog', { name: 'Minted before' })
  await expect(drawer).toBeVisible()
  await expect(drawer).toHaveCSS('position', 'fixed')
  await page.keyboard.press('Escape')
  await expect(drawer).toBeHidden()

  await page.getByRole('link', { name: 'Mint a token' }).click()
  await expect(page).toHaveURL(`${site.url}/host/access-tokens/settings/tokens/new`)
  await page.goBack()
  await expect(page.getByRole('link', { name: 'Minted before' })).toBeVisible()
  await page.getByRole('link', { name: 'Mint a token' }).click()
  expect(await mintOnPage(page)).toMatch(/^ffpat_/)

  await page.getByRole('link', { name: 'Home' }).click()
  await page.getByRole('button', { name: 'Yes, leave this page' }).click()
  await expect(home).toBeVisible()
  await expect(page).toHaveTitle('A host')
  expect(await looksOf(page)).toEqual(alone)
  expect(errors).toEqual([])
})

test('the list and the form stand alone in pages of a FlowFuse', async ({ page, site, team, line, stance }) => {
  test.skip(stance === 'inside', 'What the pages call is the same as beside, which the journey above shows.')
  const person = await createMember(site, team, ROLE.member)
  await mint(person, line.id, { name: 'Old laptop' })
  const errors: Error[] = []
  page.on('pageerror', (error) => errors.push(error))
  await app.serve(page, site.url)
  await useSessionOf(page, site, person)

  await page.goto(`${site.url}/host/profile/keys`)
  await expect(page.getByText('Profile')).toBeVisible()
  await page.getByRole('link', { name: 'Old laptop' }).click()
  await expect(page).toHaveURL(/\/host\/profile\/keys\?token=/)
  const drawer = page.locator('.forge-pat-above').getByRole('dialog', { name: 'Old laptop' })
  await drawer.getByRole('button', { name: 'Revoke', exact: true }).click()
  await page.getByRole('button', { name: 'Revoke token' }).click()
  await expect(page.getByRole('status').filter({ hasText: '“Old laptop” is revoked.' })).toBeVisible()
  await expect(page).toHaveURL(`${site.url}/host/profile/keys`)
  await expect(page.getByRole('heading', { name: 'Keys of mine' })).toBeFocused()

  await page.getByRole('link', { name: 'A new key' }).click()
  expect(await mintOnPage(page)).toMatch(/^ffpat_/)
  await page.getByRole('link', { name: 'My keys' }).click()
  await page.getByRole('button', { name: 'Yes, leave this page' }).click()
  await expect(page.getByRole('link', { name: 'Claude Code' })).toBeVisible()

  await page.getByRole('link', { name: 'Home' }).click()
  await expect(page.getByRole('heading', { name: 'The host’s own page' })).toBeVisible()
  await expect(page).toHaveTitle('A host')
  expect(errors).toEqual([])
})
