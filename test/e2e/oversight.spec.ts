import { AxeBuilder } from '@axe-core/playwright'
import type { APIRequestContext, Locator, Page } from '@playwright/test'

import type { User } from '../../forge/contract/host.ts'
import type { TokenPolicy } from '../../forge/contract/policy.ts'
import { create, createPerson, expect, PASSWORD, signInByApi, test as base, type World } from './support/world.ts'

interface Fixtures {
  /** The owner of the world's team: somebody else than the person who holds tokens in it. */
  owner: User
  ownerApi: APIRequestContext
  /** The page, with the owner signed in. */
  ownerPage: Page
}

const test = base.extend<Fixtures>({
  owner: async ({ admin, world }, use) => {
    const owner = await createPerson(admin)
    await admin.patch(`api/v1/users/${owner.id}`, { data: { name: 'Olivia Owner' } })
    await create(admin, `teams/${world.team.id}/members`, { user: owner.username, role: 'owner' })
    await use(owner)
  },
  ownerApi: async ({ owner, baseURL }, use) => {
    const api = await signInByApi(String(baseURL), owner.username, PASSWORD)
    await use(api)
    await api.dispose()
  },
  ownerPage: async ({ page, ownerApi }, use) => {
    await page.context().addCookies((await ownerApi.storageState()).cookies)
    await use(page)
  },
})

async function changePolicy(api: APIRequestContext, { team }: World, changes: Partial<TokenPolicy>): Promise<void> {
  const path = `api/v1/teams/${team.id}/token-policy`
  const policy = (await (await api.get(path)).json()) as TokenPolicy
  const answer = await api.put(path, { data: { ...policy, ...changes } })
  expect(answer.status(), await answer.text()).toBe(200)
}

/** A token that waits for an owner before it reaches production. */
async function mintForProduction(admin: APIRequestContext, ownerApi: APIRequestContext, world: World): Promise<void> {
  const answer = await admin.patch(`api/v1/instances/${world.packer.id}`, { data: { production: true } })
  expect(answer.ok()).toBe(true)
  await changePolicy(ownerApi, world, { productionNeedsApproval: true })
  await world.mint({ name: 'Night shift', reason: 'The night shift reads the packer.' })
}

test('an owner sees a member’s token and ends it for the team', async ({ ownerPage: page, world }) => {
  await world.mint()
  await world.mint({ name: 'Cursor', role: 'member', readOnly: false })
  await page.goto(`teams/${world.team.id}`)
  await page.getByRole('navigation', { name: 'Team' }).getByRole('link', { name: 'Tokens' }).click()

  const table = page.getByRole('table', { name: 'Tokens that reach this team' })
  const row = table.getByRole('row').filter({ hasText: 'Claude Code' })
  await expect(row).toContainText('Alice Arnold')
  await expect(row).toContainText('line-4-packer')
  await expect(row).toContainText('Viewer')
  await expect(row).toContainText('Read-only')

  await row.getByRole('button', { name: 'Revoke Claude Code of Alice Arnold for this team' }).click()
  const dialog = page.getByRole('alertdialog')
  await expect(dialog).toContainText('it stops working for:')
  await expect(dialog).toContainText('Elsewhere it goes on')
  await dialog.getByRole('button', { name: 'Revoke for this team' }).click()
  await expect(page.getByText('“Claude Code” of Alice Arnold is revoked for this team.')).toBeVisible()
  await expect(row).toContainText('Revoked for this team')
  await expect(row.getByRole('button', { name: /^Revoke/ })).toHaveCount(0)

  await page.getByLabel('Holder').selectOption('Alice Arnold')
  await expect(page).toHaveURL(/holder=/)
  await page.getByRole('button', { name: 'Revoke all of Alice Arnold' }).click()
  await page.getByRole('button', { name: 'Revoke all of them' }).click()
  await expect(page.getByText('1 token of Alice Arnold is revoked for this team.')).toBeVisible()

  await page.getByRole('navigation', { name: 'Team' }).getByRole('link', { name: 'Audit' }).click()
  const log = page.getByRole('list', { name: 'Audit' })
  await expect(log.getByText('Token revoked for the team')).toHaveCount(2)
  await expect(page.getByRole('link', { name: 'CSV' })).toHaveAttribute('href', /audit-log\?format=csv$/)
})

test('the filters stay in the address', async ({ ownerPage: page, world }) => {
  await world.mint()
  await world.mint({ name: 'Cursor', role: 'member', readOnly: false })
  await page.goto(`teams/${world.team.id}/tokens`)
  await expect(page.getByText('2 tokens')).toBeVisible()

  await page.getByLabel('Search').fill('curs')
  await page.getByLabel('Search').press('Enter')
  await expect(page.getByText('1 token', { exact: true })).toBeVisible()
  await page.reload()
  await expect(page.getByLabel('Search')).toHaveValue('curs')
  await expect(page.getByText('1 token', { exact: true })).toBeVisible()

  await page.getByLabel('Role, at most').selectOption('Owner')
  await page.getByRole('button', { name: 'Clear the filters' }).click()
  await expect(page.getByText('2 tokens')).toBeVisible()
})

test('a policy is saved only after a look at what it changes', async ({ ownerPage: page, world }) => {
  await world.mint({ grants: [{ type: 'team', id: world.team.id }] })
  await page.goto(`teams/${world.team.id}/policy`)
  await page.getByRole('checkbox', { name: /^The whole team/ }).uncheck()
  await expect(page.getByRole('button', { name: 'Save policy' })).toHaveCount(0)

  await page.getByRole('button', { name: 'Check what this changes' }).click()
  await expect(page.getByRole('heading', { name: /1 token of 1 person; 1 stops now\./ })).toBeFocused()
  await expect(page.getByRole('list', { name: 'Tokens that it affects' })).toContainText('Claude Code of Alice Arnold')

  await page.getByRole('checkbox', { name: 'Every token is read-only here' }).check()
  await expect(page.getByRole('button', { name: 'Save policy' })).toHaveCount(0)
  await page.getByRole('button', { name: 'Check what this changes' }).click()
  await page.getByRole('button', { name: 'Save policy' }).click()
  await expect(page.getByText('The policy is saved. It holds from now on.')).toBeVisible()
  await expect(page.getByText('Set by your team')).toHaveCount(2)

  await page.reload()
  await expect(page.getByRole('checkbox', { name: /^The whole team/ })).not.toBeChecked()
  await page.getByRole('navigation', { name: 'Team' }).getByRole('link', { name: 'Audit' }).click()
  await expect(page.getByText('Read-only: may write → read-only')).toBeVisible()
})

test('a token for production waits until an owner approves it', async ({ admin, ownerApi, ownerPage: page, world }) => {
  await mintForProduction(admin, ownerApi, world)
  await page.goto(`teams/${world.team.id}`)
  const tab = page.getByRole('navigation', { name: 'Team' }).getByRole('link', { name: /^Approvals/ })
  await expect(tab).toContainText('1 waiting')
  await tab.click()

  const request = page.getByRole('article', { name: 'Night shift of Alice Arnold' })
  await expect(request).toContainText('The night shift reads the packer.')
  await request.getByRole('button', { name: 'Approve Night shift of Alice Arnold' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Approve' }).click()
  await expect(page.getByText('“Night shift” is approved.')).toBeVisible()
  await expect(request).toContainText('by Olivia Owner')
  await expect(tab).not.toContainText('waiting')
})

test('an owner denies a token and says why', async ({ admin, ownerApi, ownerPage: page, world }) => {
  await mintForProduction(admin, ownerApi, world)
  await page.goto(`teams/${world.team.id}/approvals`)
  await page.getByRole('button', { name: 'Deny Night shift of Alice Arnold' }).click()
  await page.getByLabel('Reason').fill('Use the copy.')
  await page.getByRole('button', { name: 'Deny', exact: true }).click()
  await expect(page.getByText('“Night shift” is denied.')).toBeVisible()

  await page.goto(`teams/${world.team.id}/audit?event=user.pat.approval-declined`)
  await expect(page.getByText('“Use the copy.”')).toBeVisible()
})

test('a member of the team sees none of this', async ({ signedIn: page, world }) => {
  await page.goto(`teams/${world.team.id}/tokens`)
  await expect(page.getByRole('heading', { name: 'Only the owners of the team see this' })).toBeVisible()
  await expect(page.getByRole('navigation', { name: 'Team' })).toHaveCount(0)
})

test('an owner marks an instance as production, and tidies up', async ({ ownerPage: page, world }) => {
  await page.goto(`teams/${world.team.id}`)
  const instances = page.getByRole('list', { name: 'Instances' })
  await page.getByRole('button', { name: 'Edit line-4-packer' }).click()
  await page.getByLabel('Name', { exact: true }).fill('line-5-packer')
  await page.getByRole('checkbox', { name: 'Production' }).check()
  await page.getByRole('button', { name: 'Save instance' }).click()
  await expect(instances.getByRole('listitem').filter({ hasText: 'line-5-packer' })).toContainText('Production')

  await page.getByRole('button', { name: 'Delete line-4-labeller' }).click()
  await page.getByRole('button', { name: 'Delete instance' }).click()
  await expect(instances).not.toContainText('line-4-labeller')
  await expect(page.getByRole('heading', { name: world.team.name })).toBeFocused()

  await page.getByRole('button', { name: 'Rename Packaging' }).click()
  await page.getByLabel('Name', { exact: true }).fill('Wrapping')
  await page.getByRole('button', { name: 'Rename', exact: true }).click()
  await expect(page.getByRole('list', { name: 'Applications' })).toContainText('Wrapping')
  await page.getByRole('button', { name: 'Delete Wrapping' }).click()
  await expect(page.getByRole('alertdialog')).toContainText('It takes 1 instance with it')
  await page.getByRole('button', { name: 'Delete application' }).click()
  await expect(page.getByRole('heading', { name: 'No instance yet' })).toBeVisible()

  await page.getByRole('button', { name: 'Delete the team' }).click()
  await page.getByRole('button', { name: 'Delete team' }).click()
  await expect(page.getByRole('heading', { name: 'You are in no team yet' })).toBeVisible()
})

/** Presses Tab until the control has the focus: it must be reachable, and within a sensible number of steps. */
async function tabTo(page: Page, control: Locator): Promise<void> {
  for (let step = 0; step < 60; step++) {
    if (await control.evaluate((element) => element === element.ownerDocument.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never reached ${control.toString()}`)
}

test('a policy is changed and a token ended by keyboard alone', async ({ ownerPage: page, world }) => {
  await world.mint()
  await page.goto(`teams/${world.team.id}/policy`)
  await expect(page.getByRole('checkbox', { name: 'Tokens reach MCP endpoints only' })).toBeVisible()
  await tabTo(page, page.getByRole('checkbox', { name: 'Tokens reach MCP endpoints only' }))
  await page.keyboard.press('Space')
  await tabTo(page, page.getByRole('button', { name: 'Check what this changes' }))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: /^What this changes/ })).toBeFocused()
  await tabTo(page, page.getByRole('button', { name: 'Save policy' }))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Policy for tokens' })).toBeFocused()

  await page.goto(`teams/${world.team.id}/tokens`)
  const revoke = page.getByRole('button', { name: /^Revoke Claude Code/ })
  await expect(revoke).toBeVisible()
  await tabTo(page, revoke)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: 'Keep it' })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(revoke).toBeFocused()
  await page.keyboard.press('Enter')
  await tabTo(page, page.getByRole('button', { name: 'Revoke for this team' }))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Tokens that reach this team' })).toBeFocused()
})

async function expectNoFindings(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id, nodes }) => ({ id, at: nodes.map(({ html }) => html) }))).toEqual([])
}

/** Each page of an owner, and what shows that it is there. */
const PAGES = {
  tokens: 'Revoke Night shift of Alice Arnold for this team',
  policy: 'Check what this changes',
  approvals: 'Approve Night shift of Alice Arnold',
  audit: 'Event',
} as const

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in ${colorScheme} colours`, () => {
    // Movement off: a dialog that is still fading in has another contrast than the one that people read.
    test.use({ colorScheme, contextOptions: { reducedMotion: 'reduce' } })

    test('axe finds nothing, and nothing scrolls sideways', async ({ admin, ownerApi, ownerPage: page, world }) => {
      await mintForProduction(admin, ownerApi, world)
      await world.mint({ name: 'A'.repeat(100), grants: [{ type: 'instance', id: world.labeller.id }] })

      for (const [path, shows] of Object.entries(PAGES)) {
        for (const width of [320, 1280]) {
          await page.setViewportSize({ width, height: 900 })
          await page.goto(`teams/${world.team.id}/${path}`)
          await expect(page.getByRole('button', { name: shows }).or(page.getByLabel(shows)).first()).toBeVisible()
          await expect(page.getByText(/^Loading/)).toHaveCount(0)
          const room = await page.evaluate(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          )
          expect(room, `${path} at ${width}`).toBe(0)
          await expectNoFindings(page)
        }
      }
    })

    test('axe finds nothing in the dialogs', async ({ admin, ownerApi, ownerPage: page, world }) => {
      await mintForProduction(admin, ownerApi, world)
      for (const [path, button] of [
        ['', 'Edit line-4-packer'],
        ['', 'Delete line-4-packer'],
        ['', 'Rename the team'],
        ['tokens', 'Revoke Night shift of Alice Arnold for this team'],
        ['approvals', 'Approve Night shift of Alice Arnold'],
        ['approvals', 'Deny Night shift of Alice Arnold'],
      ] as const) {
        await page.goto(`teams/${world.team.id}/${path}`)
        await page.getByRole('button', { name: button }).click()
        await expect(page.getByRole('dialog').or(page.getByRole('alertdialog'))).toBeVisible()
        await expectNoFindings(page)
      }

      await page.goto(`teams/${world.team.id}/policy`)
      await page.getByRole('checkbox', { name: /^Tokens may reach/ }).uncheck()
      await page.getByRole('button', { name: 'Check what this changes' }).click()
      await expect(page.getByRole('heading', { name: /^What this changes/ })).toBeVisible()
      await expectNoFindings(page)
    })
  })
}
