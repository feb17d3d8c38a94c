import type { APIRequestContext, Browser, Page } from '@playwright/test'

import type { IssuedCredential } from '../../forge/contract/host.ts'
import type { CreatedToken } from '../../forge/contract/token.ts'
import { createSamlIdp, type SamlIdp } from '../support/sso/saml-idp.ts'
import { ADMIN } from './support/admin.ts'
import { create, expect, signIn, test as base, type World } from './support/world.ts'

interface Fixtures {
  /** A real identity provider on another site, as a browser sees it: the forge is at 127.0.0.1. */
  idp: SamlIdp
}

const test = base.extend<Fixtures>({
  idp: async ({}, use) => {
    const idp = await createSamlIdp('localhost')
    await use(idp)
    await idp.stop()
  },
})

/** Nobody's but this journey's. */
const domainOf = ({ person }: World) => `${person.username}.example`

/** Types the provider in as an administrator would, and tells it of the forge. @returns the page of the provider */
async function addProvider(page: Page, world: World, idp: SamlIdp): Promise<string> {
  await page.goto('login?return=/single-sign-on')
  await signIn(page, ADMIN.username, ADMIN.password)
  await page.getByRole('button', { name: 'Add a provider' }).click()
  await page.getByRole('radio', { name: 'SAML 2.0' }).check()
  await page.getByLabel('Name', { exact: true }).fill(`Acme of ${world.team.name}`)

  await page.getByLabel('Metadata of the provider').fill('<nothing/>')
  await page.getByRole('button', { name: 'Fill in from metadata' }).click()
  const alert = page.getByRole('alert').filter({ hasText: 'This metadata describes no identity provider.' })
  await expect(alert).toBeVisible()
  await page.getByLabel('Metadata of the provider').fill(idp.metadata())
  await page.getByRole('button', { name: 'Fill in from metadata' }).click()
  await expect(page.getByLabel('Entity ID of the provider')).toHaveValue(idp.entityId)
  await expect(page.getByLabel('Sign-in address')).toHaveValue(idp.ssoUrl)

  await page.getByLabel('Take its e-mail addresses as verified').check()
  await page.getByLabel('E-mail domains').fill(domainOf(world))
  await page.getByLabel('Teams').fill(world.team.slug)
  await page.getByLabel('People may sign in through it').check()
  await page.getByRole('button', { name: 'Add the provider' }).click()

  await expect(page.getByText('idp of a test')).toBeVisible()
  const metadata = await page.getByLabel('Metadata of this forge').inputValue()
  idp.trust(await (await page.request.get(metadata)).text())
  return page.url()
}

/** Walks from the sign-in page over the provider, which posts its answer from another site. */
async function signInThrough(page: Page, email: string): Promise<void> {
  await page.goto('login')
  await page.getByLabel('User name').fill(email)
  await page.getByRole('button', { name: 'Sign in through your organisation' }).click()
  await page.getByRole('button', { name: 'Go on' }).click()
}

async function openPerson(browser: Browser, options: { javaScriptEnabled?: boolean } = {}): Promise<Page> {
  const context = await browser.newContext(options)
  return context.newPage()
}

async function introspect(api: APIRequestContext, credential: string, token: string): Promise<object> {
  const headers = { authorization: `Bearer ${credential}` }
  return (await (await api.post('oauth/introspect', { headers, form: { token } })).json()) as object
}

test('a person signs in through a SAML provider, and their token follows their groups', async ({
  page,
  browser,
  admin,
  world,
  idp,
}) => {
  test.slow()
  const { team, packer } = world
  const carol = {
    email: `carol@${domainOf(world)}`,
    name: 'Carol Clark',
    username: `carol-of-${world.person.username}`,
  }
  idp.accounts.set('carol-1', { ...carol, groups: [`ff-${team.slug}-member`, 'everybody'] })
  idp.person = 'carol-1'
  const providerPage = await addProvider(page, world, idp)

  await page.getByRole('link', { name: 'Try this provider' }).click()
  await page.getByRole('button', { name: 'Go on' }).click()
  await expect(page).toHaveURL(providerPage)
  await expect(page.getByRole('list', { name: 'Roles' })).toHaveText(`Member in ${team.slug}`)
  await expect(page.getByText('An account would be made.')).toBeVisible()

  const person = await openPerson(browser)
  await signInThrough(person, carol.email)
  await expect(person.getByRole('heading', { name: 'Access tokens', exact: true })).toBeVisible()
  const { token } = await create<CreatedToken>(person.request, 'tokens', {
    name: 'Claude Code',
    role: 'member',
    readOnly: false,
    grants: [{ type: 'instance', id: packer.id }],
    expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
  })

  const { credential } = await create<IssuedCredential>(admin, `instances/${packer.id}/credentials`, {})
  expect(await introspect(admin, credential, token)).toMatchObject({
    active: true,
    username: carol.username,
    email: carol.email,
    roles: ['member'],
    amr: ['pwd'],
  })

  idp.accounts.set('carol-1', { ...carol, groups: [] })
  await person.context().clearCookies()
  await signInThrough(person, carol.email)
  await expect(person.getByRole('heading', { name: 'Access tokens', exact: true })).toBeVisible()
  expect(await introspect(admin, credential, token)).toEqual({ active: false })
  await person.context().close()

  // A browser without scripts posts the form again by hand.
  const plain = await openPerson(browser, { javaScriptEnabled: false })
  await plain.goto(`account/sso/${providerPage.split('/').at(-1) ?? ''}/start?return_to=/teams`)
  await plain.getByRole('button', { name: 'Go on' }).click()
  await plain.getByRole('button', { name: 'Continue' }).click()
  await expect(plain).toHaveURL(/\/teams$/)
  await plain.context().close()
})
