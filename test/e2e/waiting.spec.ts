import type { Page } from '@playwright/test'

import { expect, test } from './support/world.ts'

/** How far things have moved that nobody has touched (https://web.dev/articles/cls), from the start of the page. */
const WATCH = `
  window.moved = 0
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.moved += shift.value
  }).observe({ type: 'layout-shift', buffered: true })
`

/** Holds back the answers of the forge's API until they are let go. */
async function holdAnswers(page: Page): Promise<() => void> {
  let letGo = (): void => undefined
  const free = new Promise<void>((resolve) => (letGo = resolve))
  await page.route('**/api/v1/tokens**', async (route) => {
    await free
    await route.continue()
  })
  return letGo
}

test('on a slow network the list shows where things will be, and nothing moves when they come', async ({
  signedIn: page,
  world,
}) => {
  for (const name of ['one', 'two', 'three', 'four', 'five']) await world.mint({ name })
  await page.addInitScript(WATCH)
  const letGo = await holdAnswers(page)
  await page.goto('settings/tokens')
  await expect(page.getByText('Loading your tokens…')).toBeAttached()
  await expect(page.locator('[aria-busy="true"]')).toBeVisible()

  letGo()
  await expect(page.getByRole('row', { name: /five/ })).toBeVisible()
  expect(await page.evaluate('window.moved')).toBeLessThan(0.01)
})

test('the form to mint is announced while it loads, and nothing moves when it comes', async ({ signedIn: page }) => {
  await page.addInitScript(WATCH)
  const letGo = await holdAnswers(page)
  await page.goto('settings/tokens/new')
  await expect(page.getByText('Loading what a token of yours may reach…')).toBeAttached()

  letGo()
  await expect(page.getByRole('button', { name: 'Mint token' })).toBeVisible()
  expect(await page.evaluate('window.moved')).toBeLessThan(0.01)
})

test('what another tab has revoked can be revoked here too, and then both say the same', async ({
  signedIn: page,
  world,
}) => {
  await world.mint()
  const other = await page.context().newPage()
  for (const tab of [page, other]) {
    await tab.goto('settings/tokens')
    await tab.getByRole('link', { name: 'Claude Code' }).click()
    await expect(tab.getByRole('heading', { name: 'Claude Code' })).toBeVisible()
  }
  for (const tab of [other, page]) {
    await tab.getByRole('button', { name: 'Revoke', exact: true }).click()
    await tab.getByRole('button', { name: 'Revoke token' }).click()
    await expect(tab.getByText('No token is active now.')).toBeVisible()
  }
})

test('whoever signs out in another tab is asked to sign in again here', async ({ signedIn: page, world }) => {
  await world.mint()
  const other = await page.context().newPage()
  await page.goto('teams')
  await expect(page.getByRole('link', { name: world.team.name })).toBeVisible()
  await other.goto('settings/tokens')
  await other.getByRole('button', { name: 'Sign out' }).click()
  await expect(other.getByRole('heading', { name: 'Sign in' })).toBeVisible()

  await page.getByRole('link', { name: 'Access tokens' }).click()
  await expect(page.getByRole('dialog', { name: 'Sign in again' })).toBeVisible()
})

test('pages ask nobody but the forge for anything', async ({ signedIn: page, world, baseURL }) => {
  const foreign: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith(String(baseURL)) && !request.url().startsWith('data:')) foreign.push(request.url())
  })
  await world.mint()
  for (const path of ['settings/tokens', 'settings/tokens/new', 'teams', 'notices', 'no/such/page']) {
    await page.goto(path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  }
  expect(foreign).toEqual([])
})
