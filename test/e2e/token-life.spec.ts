import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'

import type { Instance, IssuedCredential } from '../../forge/contract/host.ts'
import type { CreatedToken } from '../../forge/contract/token.ts'
import { create, expect, test } from './support/world.ts'

const OLD = 'Claude Code (old)'

async function expectNoFindings(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id, nodes }) => ({ id, at: nodes.map(({ html }) => html) }))).toEqual([])
}

const expectNoSidewaysScroll = async (page: Page) => {
  const room = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
  expect(room).toBe(0)
}

test('a token is replaced with a grace, and the old one ended when the new one is in place', async ({
  signedIn: page,
  world,
}) => {
  const { id } = await world.mint()
  await page.goto(`settings/tokens?token=${id}`)
  await page
    .getByRole('group', { name: 'Actions for Claude Code' })
    .getByRole('link', { name: 'Replace' })
    .press('Enter')
  await expect(page.getByRole('heading', { name: 'Replace “Claude Code”' })).toBeVisible()
  await page.getByLabel('After 1 hour').check()
  await page.getByRole('button', { name: 'Replace token' }).press('Enter')

  await expect(page.getByLabel('Your token')).toHaveValue(/^ffpat_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/)
  await page.getByRole('button', { name: 'I have stored it' }).press('Enter')

  await page.getByRole('link', { name: OLD }).click()
  const old = page.getByRole('dialog', { name: OLD })
  await expect(old).toContainText('Being replaced; works until')
  await expect(old).toContainText('Neither of the two has been used yet.')
  await old.getByRole('link', { name: /^Go to the new one/ }).press('Enter')
  await expect(page.getByRole('heading', { name: 'Claude Code', exact: true })).toBeFocused()
  await expectNoFindings(page)
  await page.keyboard.press('Escape')

  await page.getByRole('link', { name: OLD }).click()
  await page.getByRole('button', { name: `End it now: ${OLD}` }).press('Enter')
  await expectNoFindings(page)
  await page.getByRole('alertdialog').getByRole('button', { name: 'End it now' }).press('Enter')
  await expect(page.getByRole('status').filter({ hasText: 'Only the new one works now.' })).toBeVisible()
  await expect(old).toHaveCount(0)
  await expect(page.getByRole('row', { name: /Claude Code/ })).toHaveCount(1)
})

test('what a token will be worth is shown before it is minted', async ({ signedIn: page }) => {
  await page.goto('settings/tokens/new')
  await page.getByRole('checkbox', { name: /line-4-packer/ }).check()
  const preview = page.getByRole('region', { name: 'What it will be worth' })
  await expect(preview).toContainText('line-4-packer')
  await expect(preview).toContainText('Viewer, read-only')
  await expectNoFindings(page)
})

test('a token is narrowed without being asked anything', async ({ signedIn: page, world }) => {
  const { id } = await world.mint({ role: 'member', readOnly: false })
  await page.goto(`settings/tokens?token=${id}`)
  await page.getByRole('link', { name: 'Edit' }).press('Enter')
  await page.getByRole('radio', { name: 'Viewer' }).check()
  await page.getByRole('checkbox', { name: 'Read-only' }).check()
  await expect(page.getByRole('region', { name: 'What changes' })).toContainText('Viewer at most, instead of Member.')
  await expect(page.getByText('Less power is free, and counts at the next use.')).toBeVisible()
  await expectNoFindings(page)
  await page.getByRole('button', { name: 'Save changes' }).press('Enter')

  const token = page.getByRole('row', { name: /Claude Code/ })
  await expect(token).toContainText('Viewer')
  await expect(token).toContainText('Read-only')
})

test('what is more asks who it is, when that was long ago', async ({ signedIn: page, world }) => {
  const { id } = await world.mint()
  await page.goto(`settings/tokens/${id}/edit`)
  await page.getByRole('radio', { name: 'Member' }).check()
  await expect(page.getByText('More power is like minting')).toBeVisible()

  // The forge alone can let ten minutes pass; its refusal is what the page knows of them.
  const refusal = {
    code: 'reauthentication_required',
    error: 'Confirm that it is you: sign in again, then repeat this.',
  }
  await page.route(`**/api/v1/tokens/${id}`, (route) => route.fulfill({ status: 403, json: refusal }), { times: 1 })
  await page.getByRole('button', { name: 'Save changes' }).click()
  const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' })
  await expect(dialog.getByLabel('Password')).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('alert').filter({ hasText: 'Confirm that it is you' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Save changes' })).toBeVisible()
})

test('an explanation says rule by rule what a token may do', async ({ signedIn: page, world }) => {
  const { id } = await world.mint()
  await page.goto(`settings/tokens?token=${id}`)
  await page.getByRole('tab', { name: 'What it may do' }).click()
  await expect(page.getByText('It works there as viewer')).toBeVisible()
  await expect(page.getByRole('listitem').filter({ hasText: 'You are a member of the team' })).toContainText('Yes')

  await page.getByLabel('To do what?').selectOption('Call a tool that can destroy')
  await expect(page.getByRole('heading', { name: 'Refused line-4-packer' })).toBeVisible()
  await page.getByLabel('At which instance?').selectOption({ label: `line-4-labeller (${world.team.name})` })
  await expect(page.getByText('The token does not reach this instance.').first()).toBeVisible()
  await expectNoFindings(page)
})

test('a replaced token that is used afterwards raises an alarm and a notice', async ({
  signedIn: page,
  world,
  admin,
}) => {
  const minted = await world.mint()
  await create<CreatedToken>(world.api, `tokens/${minted.id}/rotate`, { graceMinutes: 0 })
  await present(admin, world.packer, minted.token)

  await page.goto('settings/tokens')
  await page.getByRole('link', { name: 'Notices, 1 unread' }).press('Enter')
  const notice = page.getByRole('article', { name: 'Somebody used your retired token “Claude Code”' })
  await expect(notice).toContainText('line-4-packer')
  await expectNoFindings(page)
  await notice.getByRole('button', { name: /^Mark as read/ }).press('Enter')
  await expect(page.getByRole('link', { name: 'Notices', exact: true })).toBeVisible()
  await notice.getByRole('link', { name: /^Go to the token/ }).press('Enter')
  await expect(page.getByRole('dialog', { name: OLD })).toBeVisible()
  await page.keyboard.press('Escape')

  const alarm = page.getByRole('region', { name: 'The replaced token “Claude Code” was used after its end' })
  await expect(alarm).toContainText('line-4-packer')
  await expect(alarm).toContainText('curl/8.5')
  await expectNoFindings(page)
  await alarm.getByRole('button', { name: 'Revoke the whole family' }).press('Enter')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Not now' }).press('Enter')
  await alarm.getByRole('button', { name: 'It was me' }).press('Enter')
  await expect(alarm).toHaveCount(0)
})

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`on a narrow screen (${colorScheme})`, () => {
    test.use({ colorScheme, viewport: { width: 320, height: 800 }, contextOptions: { reducedMotion: 'reduce' } })

    test('every page of a token can be read', async ({ signedIn: page, world, admin }) => {
      const first = await world.mint({ name: 'A'.repeat(60) })
      const second = await create<CreatedToken>(world.api, `tokens/${first.id}/rotate`, { graceMinutes: 0 })
      await present(admin, world.packer, first.token)
      const paths = ['replace', 'edit'].map((action) => `settings/tokens/${second.id}/${action}`)
      paths.push(`settings/tokens?token=${second.id}`)

      for (const path of ['settings/tokens', 'notices', 'settings/tokens/new', ...paths]) {
        await page.goto(path)
        // Beside an open token the page itself is out of reach, its title too.
        await expect(page.getByRole('heading').first()).toBeVisible()
        await expect(page.getByText(/^Loading/)).toHaveCount(0)
        await expectNoFindings(page)
        await expectNoSidewaysScroll(page)
      }
    })
  })
}

/** A client shows its token to an instance, which asks the forge. */
async function present(admin: Parameters<typeof create>[0], instance: Instance, token: string): Promise<void> {
  const { credential } = await create<IssuedCredential>(admin, `instances/${instance.id}/credentials`, {})
  const answer = await admin.post('oauth/introspect', {
    headers: { authorization: `Bearer ${credential}` },
    form: { token, client: 'curl/8.5' },
  })
  expect(await answer.json()).toEqual({ active: false })
}

test('on a narrow page a token beside the list fits, and can be closed', async ({ signedIn: page, world }) => {
  const { id } = await world.mint()
  await page.setViewportSize({ width: 360, height: 780 })
  await page.goto(`settings/tokens?token=${id}`)
  const close = page.getByRole('dialog', { name: 'Claude Code' }).getByRole('button', { name: 'Close' })
  await expect(close).toBeInViewport({ ratio: 1 })
  await close.click()
  await expect(close).toHaveCount(0)
})
