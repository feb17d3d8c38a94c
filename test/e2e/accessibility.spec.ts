import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'

import { ADMIN } from './support/admin.ts'
import { reportCalls, reportTools } from './support/tools.ts'
import { create, expect, signIn, test, type World } from './support/world.ts'
import { samlInput } from '../forge/host/sso/saml/samples.ts'

async function expectNoFindings(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id, nodes }) => ({ id, at: nodes.map(({ html }) => html) }))).toEqual([])
}

const fillMintForm = async (page: Page) => {
  await page.getByLabel('Name').fill('Claude Code')
  await page.getByRole('checkbox', { name: /^All of Packaging/ }).check()
}

/** Every page and dialog of somebody who is no administrator: where it is, and how to get it to show. */
const VIEWS: Record<
  string,
  { path: string; open?: (page: Page, world: World) => Promise<void>; shows: string | RegExp }
> = {
  'empty list': { path: 'settings/tokens', shows: 'You have no access tokens yet' },
  'mint page': { path: 'settings/tokens/new', open: fillMintForm, shows: 'You are Member there.' },
  'mint page with errors': {
    path: 'settings/tokens/new',
    open: async (page) => {
      await page.getByText('On a date').click()
      await page.getByLabel('Last day').fill('2020-01-01')
      await page.getByRole('button', { name: 'Mint token' }).click()
    },
    shows: 'Choose a day that is not over yet.',
  },
  'created token': {
    path: 'settings/tokens/new',
    open: async (page) => {
      await fillMintForm(page)
      await page.getByRole('button', { name: 'Mint token' }).click()
    },
    shows: '“Claude Code” is ready',
  },
  'leaving a created token': {
    path: 'settings/tokens/new',
    open: async (page) => {
      await fillMintForm(page)
      await page.getByRole('button', { name: 'Mint token' }).click()
      await expect(page.getByLabel('Your token')).toBeVisible()
      await page.getByRole('link', { name: 'Teams' }).click()
    },
    shows: 'Have you stored the token?',
  },
  'list and its dialog': {
    path: 'settings/tokens',
    open: async (page, world) => {
      await world.mint()
      await page.reload()
      await page.getByRole('link', { name: 'Claude Code' }).click()
      await page.getByRole('button', { name: 'Revoke', exact: true }).click()
    },
    shows: 'Revoke “Claude Code”?',
  },
  'list that cannot be loaded': {
    path: 'teams',
    open: async (page) => {
      await page.route('**/api/v1/tokens?*', (route) => route.abort())
      await page.getByRole('link', { name: 'Access tokens' }).click()
    },
    shows: 'This could not be loaded',
  },
  'session end': {
    path: 'teams',
    open: async (page) => {
      await page.context().clearCookies()
      await page.getByRole('link', { name: 'Access tokens' }).click()
    },
    shows: 'Sign in again',
  },
  teams: { path: 'teams', shows: /^Line / },
  'creating a team': {
    path: 'teams',
    open: (page) => page.getByRole('button', { name: 'Create a team' }).click(),
    shows: 'You become its owner',
  },
  account: { path: 'settings/account', shows: 'Change your password' },
  'page that is not there': { path: 'no/such/page', shows: 'There is no such page' },
}

/** Pages and dialogs of an administrator, in a team that is theirs. */
const ADMIN_DIALOGS = [
  { button: 'Create an instance', title: 'Create an instance' },
  { button: 'Create an application', title: 'Create an application' },
  { button: 'Add a member', title: 'Add a member' },
  { button: 'Roles of Alice Arnold in applications', title: 'Alice Arnold in applications' },
  { button: 'Remove Alice Arnold', title: /^Remove Alice Arnold from/ },
  { button: 'Register a program', title: 'Register a program' },
  { button: 'Issue credential of line-4-packer', title: 'Credential of “line-4-packer”' },
]

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`axe finds nothing (${colorScheme})`, () => {
    // Movement off: a dialog that is still fading in has another contrast than the one that people read.
    test.use({ colorScheme, contextOptions: { reducedMotion: 'reduce' } })

    for (const [name, { path, open, shows }] of Object.entries(VIEWS)) {
      test(name, async ({ signedIn: page, world }) => {
        await page.goto(path)
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
        await open?.(page, world)
        await expect(page.getByText(shows).first()).toBeVisible()
        await expectNoFindings(page)
      })
    }

    test('sign-in and set-up', async ({ page }) => {
      await page.goto('login')
      await signIn(page, 'nobody', 'not the password')
      await expect(page.getByRole('alert')).toContainText('wrong')
      await expectNoFindings(page)

      await page.route('**/account/setup', (route) => route.fulfill({ json: { needed: true } }))
      await page.goto('setup')
      await page.getByRole('button', { name: 'Create the account' }).click()
      await expect(page.getByLabel('Set-up code')).toBeFocused()
      await expectNoFindings(page)
    })

    test('tools of an instance and their rules', async ({ page, admin, world }) => {
      await page.context().addCookies((await admin.storageState()).cookies)
      const path = `teams/${world.team.id}/instances/${world.packer.id}/tools`
      await page.goto(path)
      await expect(page.getByText('The instance has not reported any tools yet')).toBeVisible()
      await expectNoFindings(page)

      await reportTools(admin, world)
      await page.reload()
      await page.getByRole('button', { name: 'Change the rule of purge_buffer' }).click()
      await page.getByRole('checkbox', { name: 'Only these people' }).check()
      await page.getByRole('checkbox', { name: 'Alice Arnold' }).check()
      await page.getByRole('checkbox', { name: 'Keep the arguments of calls' }).check()
      await expectNoFindings(page)
      await page.getByRole('button', { name: 'Apply' }).click()
      await expectNoFindings(page)
      await page.getByRole('button', { name: 'Look at the changes and save' }).click()
      await expectNoFindings(page)
      await page.getByRole('button', { name: 'Save rules' }).click()
      await expect(page.getByRole('row', { name: /purge_buffer/ })).toContainText('for 1 member alone')
    })

    test('calls of tools', async ({ page, admin, world }) => {
      await reportCalls(admin, world)
      await page.context().addCookies((await admin.storageState()).cookies)
      await page.goto(`teams/${world.team.id}/calls`)
      await expect(page.getByRole('row', { name: /purge_buffer/ })).toContainText('The role was not enough.')
      await expectNoFindings(page)
    })

    test('tools and calls of a token', async ({ signedIn: page, admin, world }) => {
      await reportCalls(admin, world)
      await page.goto('settings/tokens')
      await page.getByRole('link', { name: 'Claude Code' }).click()
      await page.getByRole('tab', { name: 'Tools' }).click()
      await expect(page.getByText('It can call 1 of 3 tools where it reaches now.')).toBeVisible()
      await expectNoFindings(page)
      await page.getByRole('tab', { name: 'Calls' }).click()
      await expect(page.getByRole('row', { name: /read_metrics/ })).toContainText('Done')
      await expectNoFindings(page)
    })

    test('letting a program in, state by state', async ({ signedIn: page, request }) => {
      const begin = async () => {
        const begun = await request.post('oauth/device_authorization', { form: { client_id: 'forge-pat' } })
        return ((await begun.json()) as { user_code: string }).user_code
      }
      const enter = async (text: string) => {
        await page.getByLabel('Code').fill(text)
        await page.getByRole('button', { name: 'Go on' }).click()
      }
      await page.goto('device')
      await enter('BCDF-GHJK')
      await expect(page.getByText('No program waits with this code.')).toBeVisible()
      await expectNoFindings(page)

      await enter(await begin())
      await page.getByRole('button', { name: 'Approve' }).click()
      await expect(page.getByText('Choose at least one')).toBeVisible()
      await expectNoFindings(page)
      await page.getByRole('checkbox', { name: /^All of Packaging/ }).check()
      await page.getByRole('button', { name: 'Approve' }).click()
      await expect(page.getByRole('heading', { name: 'Go back to the program' })).toBeVisible()
      await expectNoFindings(page)

      await page.goto('device')
      await enter(await begin())
      await page.getByRole('button', { name: 'Deny' }).click()
      await expect(page.getByRole('heading', { name: 'You have said no' })).toBeVisible()
      await expectNoFindings(page)
    })

    test('a list of tools while minting, with what it leaves', async ({ signedIn: page, admin, world }) => {
      await reportTools(admin, world)
      await page.goto(`settings/tokens/new?grants=instance:${world.packer.id}`)
      await page.getByRole('checkbox', { name: 'Limit to certain tools' }).check()
      await expect(page.getByRole('checkbox', { name: 'read_metrics' })).toBeVisible()
      await page.getByRole('button', { name: 'Mint token' }).click()
      await expect(page.getByText('Choose at least one tool, or switch the limit off.')).toBeVisible()
      await expect(page.getByText('Can’t call 3 tools')).toBeVisible()
      await page.getByText('Why not').click()
      await expectNoFindings(page)
    })

    test('a first call that does not come, and slips that come in its place', async ({ signedIn: page, world }) => {
      const slip = { at: new Date().toISOString(), instance: { id: world.packer.id, name: world.packer.name } }
      const slips = ['not_expanded', 'truncated', 'wrong_instance'].map((kind) => ({
        ...slip,
        slip: kind,
        certain: kind !== 'not_expanded',
      }))
      await page.route('**/first-call', (route) => route.fulfill({ json: { lastUse: null, slips } }))
      await page.clock.install()
      await page.goto('settings/tokens/new')
      await fillMintForm(page)
      await page.getByRole('button', { name: 'Mint token' }).click()
      await expect(page.getByLabel('Your token')).toBeVisible()
      await page.clock.fastForward('11:00')
      await expect(page.getByText('It was taken to another instance')).toBeVisible()
      await page.clock.fastForward('01:00')
      await expect(page.getByRole('button', { name: 'Discard this token' })).toBeVisible()
      await expectNoFindings(page)
    })

    test('every tab of a token', async ({ signedIn: page, world }) => {
      await world.mint()
      await page.goto('settings/tokens')
      await page.getByRole('link', { name: 'Claude Code' }).click()
      for (const [tab, shows] of [
        ['Overview', 'Not used in the last 30 days.'],
        ['What it may do', 'It works there as'],
        ['Tools', 'No instance in its reach has reported any tools.'],
        ['Calls', 'It has called no tool yet'],
        ['History', 'Minted'],
      ] as const) {
        await page.getByRole('tab', { name: tab }).click()
        await expect(page.getByRole('tabpanel').getByText(shows).first()).toBeVisible()
        await expect(page.getByText(/^Loading/)).toHaveCount(0)
        await expectNoFindings(page)
      }
    })

    test('identity providers', async ({ page, admin, world }) => {
      await page.context().addCookies((await admin.storageState()).cookies)
      await page.goto('single-sign-on')
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await expect(page.getByText(/^Loading/)).toHaveCount(0)
      await expectNoFindings(page)
      await page.getByRole('button', { name: 'Add a provider' }).click()
      await expect(page.getByRole('button', { name: 'Add the provider' })).toBeVisible()
      await expectNoFindings(page)
      await page.getByRole('radio', { name: 'SAML 2.0' }).check()
      await expect(page.getByLabel('Metadata of the provider')).toBeVisible()
      await expectNoFindings(page)

      const { id, name } = await create<{ id: string; name: string }>(admin, 'sso/providers', {
        type: 'oidc',
        name: `Okta of ${world.team.name}`,
        enabled: false,
        domains: [`${world.person.username}.example`],
        teams: [],
        groups: { prefix: '', suffix: '', custom: [] },
        provisionUsers: true,
        exposeGroups: false,
        oidc: {
          issuer: 'https://acme.okta.example',
          clientId: 'forge',
          clientSecret: 'what the provider gave out',
          scopes: ['profile', 'email', 'groups'],
          groupsClaim: 'groups',
          trustEmail: false,
        },
      })
      await page.goto(`single-sign-on/${id}`)
      await expect(page.getByRole('heading', { name })).toBeVisible()
      await expect(page.getByText(/^Loading/)).toHaveCount(0)
      await expectNoFindings(page)
      await page.getByRole('button', { name: 'Make a SCIM token' }).click()
      await expect(page.getByLabel('Token', { exact: true })).toBeVisible()
      await expectNoFindings(page)
      await page.getByRole('button', { name: 'I have stored it' }).click()
      await expect(page.getByText('not used yet')).toBeVisible()
      await expectNoFindings(page)

      const saml = await create<{ id: string; name: string }>(admin, 'sso/providers', {
        ...samlInput({ name: `AD FS of ${world.team.name}`, domains: [`adfs.${world.person.username}.example`] }),
      })
      await page.goto(`single-sign-on/${saml.id}`)
      await expect(page.getByRole('heading', { name: saml.name })).toBeVisible()
      await expect(page.getByText('CN=idp of a test')).toBeVisible()
      await expect(page.getByText(/^Loading/)).toHaveCount(0)
      await expectNoFindings(page)
    })

    test('a directory', async ({ page, admin, world }) => {
      test.slow() // four analyses
      await page.context().addCookies((await admin.storageState()).cookies)
      await page.goto('single-sign-on')
      await page.getByRole('button', { name: 'Add a provider' }).click()
      await page.getByRole('radio', { name: 'LDAP' }).check()
      await page.getByLabel('Kind of directory').selectOption('Active Directory')
      await expect(page.getByLabel('Attribute with the unique id')).toHaveValue('objectGUID')
      await expectNoFindings(page)

      const { id, name } = await create<{ id: string; name: string }>(admin, 'sso/providers', {
        type: 'ldap',
        name: `Directory of ${world.team.name}`,
        enabled: true,
        domains: [`ldap.${world.person.username}.example`],
        teams: [],
        groups: { prefix: '', suffix: '', custom: [] },
        provisionUsers: true,
        exposeGroups: false,
        ldap: {
          url: 'ldap://127.0.0.1:1',
          startTls: false,
          caCertificate: '',
          bindDn: '',
          baseDn: 'dc=acme,dc=example',
          userFilter: '(uid=${username})',
          usernameAttribute: 'uid',
          nameAttribute: 'cn',
          mailAttribute: 'mail',
          idAttribute: 'entryUUID',
          groupsFrom: 'memberOf',
          memberOfAttribute: 'memberOf',
          groupBaseDn: '',
          groupFilter: '(member=${dn})',
          groupNameAttribute: 'cn',
          nestedGroups: false,
          checkMinutes: 15,
        },
      })
      await page.goto(`single-sign-on/${id}`)
      await page.getByLabel('User name in the directory').fill('alice')
      await page.getByRole('button', { name: 'Look them up' }).click()
      await expect(page.getByText('The directory can not be reached')).toBeVisible()
      await page.getByRole('button', { name: 'Check now' }).click()
      await expect(page.getByText('0 people looked at')).toBeVisible()
      await expectNoFindings(page)

      await page.context().clearCookies()
      await page.goto('login')
      await page.getByLabel('User name').fill(`alice@ldap.${world.person.username}.example`)
      await page.getByRole('button', { name: 'Sign in through your organisation' }).click()
      await expect(page.getByRole('heading', { name: `Sign in through ${name}` })).toBeVisible()
      await page.getByLabel('Password').fill('wrong')
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await expect(page.getByText(`${name} does not answer right now.`)).toBeVisible()
      await expectNoFindings(page)
    })

    test('users and a team, with their dialogs', async ({ page, admin, world }) => {
      test.slow() // eleven analyses
      await page.goto('login?return=/users')
      await signIn(page, ADMIN.username, ADMIN.password)
      await expect(page.getByText(world.person.email)).toBeVisible()
      await expectNoFindings(page)
      await page.getByRole('button', { name: 'Create a user' }).click()
      await expectNoFindings(page)
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Suspend Alice Arnold' }).first().click()
      await expect(page.getByRole('heading', { name: 'Suspend Alice Arnold?' })).toBeVisible()
      await expectNoFindings(page)

      await create(admin, `teams/${world.team.id}/oauth-clients`, { name: 'Night shift robot' })
      await page.goto(`teams/${world.team.id}`)
      await expect(page.getByRole('heading', { name: world.team.name })).toBeVisible()
      await expect(page.getByRole('list', { name: 'Programs' })).toContainText('Night shift robot')
      await expectNoFindings(page)
      for (const { button, title } of ADMIN_DIALOGS) {
        await page.getByRole('button', { name: button }).click()
        await expect(page.getByRole('heading', { name: title })).toBeVisible()
        await expectNoFindings(page)
        await page.keyboard.press('Escape')
      }
    })
  })
}

for (const width of [320, 768, 1440]) {
  test(`nothing scrolls sideways at ${width} pixels`, async ({ signedIn: page, world }) => {
    await world.mint({ name: 'A'.repeat(100), description: 'word '.repeat(100).trim() })
    await page.setViewportSize({ width, height: 800 })

    for (const path of [
      'settings/tokens',
      'settings/tokens/new',
      'teams',
      `teams/${world.team.id}`,
      'settings/account',
    ]) {
      await page.goto(path)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await expect(page.getByText(/^Loading/)).toHaveCount(0)
      const room = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
      expect(room, path).toBe(0)
    }
  })
}
