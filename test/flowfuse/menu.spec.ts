import { expect, test } from './support/lane.ts'
import { createMember, ROLE } from './support/people.ts'
import { useSessionOf } from './support/sign-in.ts'

const SCRIPT = '/pat/flowfuse-menu.js'

test('FlowFuse’s menu has an entry that leads to our page, also for who has only a keyboard', async ({
  page,
  site,
  team,
}) => {
  const person = await createMember(site, team, ROLE.member)
  await useSessionOf(page, site, person)
  const errors: Error[] = []
  page.on('pageerror', (error) => errors.push(error))

  await page.goto(site.url)
  // FlowFuse has no role and no name for it.
  const menu = page.locator('.ff-user-options')
  const entry = menu.getByRole('link', { name: 'Access tokens' })
  await expect(menu).toBeVisible()
  await expect(entry).toBeHidden()
  await menu.click()
  await expect(menu.locator('.ff-dropdown-option')).toContainText(['User Settings', 'Access tokens'])
  await entry.click()
  await expect(page.getByText('You have no access tokens yet')).toBeVisible()

  await page.goto(site.url)
  await menu.locator('[tabindex="0"]').focus()
  await page.keyboard.press('Space')
  await expect(entry).toBeVisible()
  await page.keyboard.press('Tab')
  await expect(entry).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByText('You have no access tokens yet')).toBeVisible()
  expect(errors).toEqual([])
})

/** What a FlowFuse might be some day. */
const FOREIGN = {
  'a page without such a menu': '<main><button>Menu</button><ul><li>User Settings</li></ul></main>',
  'a menu that is empty': '<main><div data-action="user-options"></div></main>',
  'a menu whose entries are marked in another way':
    '<main><div data-action="user-options"><a class="item" href="/account/settings">User Settings</a></div></main>',
  'a menu whose entries have no words in a label':
    '<main><div data-action="user-options"><li class="ff-nav-item" data-nav="user-settings"><span>Settings</span></li></div></main>',
}

for (const [what, body] of Object.entries(FOREIGN)) {
  test(`${what} stays as it is, without a word in the console and without a shift`, async ({ page, site }) => {
    const said: string[] = []
    page.on('console', (message) => said.push(message.text()))
    page.on('pageerror', (error) => said.push(error.message))
    const html = `<!doctype html><html><head><link rel="icon" href="data:," /><script>
      window.shifts = []
      new PerformanceObserver((list) => window.shifts.push(...list.getEntries()))
        .observe({ type: 'layout-shift', buffered: true })
    </script><script defer src="${SCRIPT}"></script></head><body>${body}</body></html>`
    await page.route(`${site.url}/`, (route) => route.fulfill({ contentType: 'text/html', body: html }))

    const script = page.waitForResponse(site.url + SCRIPT)
    await page.goto(site.url)
    expect((await script).status()).toBe(200)
    // Once more after a change of the page, as FlowFuse draws its own when it has loaded.
    await page.evaluate(() => document.body.append(document.createElement('footer')))
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))))

    expect(await page.evaluate(() => document.body.innerHTML)).toBe(`${body}<footer></footer>`)
    expect(await page.evaluate(() => Reflect.get(window, 'shifts') as unknown[])).toEqual([])
    expect(said).toEqual([])
  })
}
