import type { TestForge } from '../forge.ts'
import type { WalkingBrowser } from './browser.ts'
import type { SamlIdp } from './saml-idp.ts'

type Fields = Record<string, string>

/** What a browser does with a page that holds a form, as far as this way needs it. */
export function readForm(html: string): { action: string; fields: Fields } {
  const [, action = ''] = /<form method="post" action="([^"]*)"/.exec(html) ?? []
  const inputs = html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)
  return { action, fields: Object.fromEntries([...inputs].map(([, name = '', value = '']) => [name, value])) }
}

/** A browser that walks between a forge and a SAML provider: it keeps what SameSite=Lax keeps from other sites. */
export function samlWays(forge: Pick<TestForge, 'app' | 'url'>, idp: SamlIdp) {
  async function post(path: string, fields: Fields, headers: Fields) {
    const payload = new URLSearchParams(fields).toString()
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    return forge.app.inject({ method: 'POST', url: forge.url + path, headers: { ...type, ...headers }, payload })
  }

  const ways = {
    /** Begins, and lets the provider sign in who sits there. @returns the form that the provider has posted */
    async answer(browser: WalkingBrowser, start: string) {
      const { headers } = await browser.call('GET', start)
      const { action, fields } = await idp.answer(new URL(headers.location ?? '').searchParams)
      return { path: action.slice(forge.url.length), fields }
    },

    /** The provider's page posts its form: another site, so without a cookie. */
    fromProvider: (path: string, fields: Fields) =>
      post(path, fields, { origin: new URL(idp.entityId).origin, 'sec-fetch-site': 'cross-site' }),

    /** A page of the forge posts a form. */
    fromForge(browser: WalkingBrowser, path: string, fields: Fields) {
      const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      return post(path, fields, { cookie, origin: new URL(forge.url).origin, 'sec-fetch-site': 'same-origin' })
    },

    /** Posts what the provider said, and what the forge's page makes of it. @returns the address that it ends at */
    async arrive(browser: WalkingBrowser, path: string, fields: Fields): Promise<string> {
      const page = await ways.fromProvider(path, fields)
      const form = readForm(page.body)
      const answer = await ways.fromForge(browser, form.action, form.fields)
      for (const { name, value } of answer.cookies) {
        if (value === '') browser.cookies.delete(name)
        else browser.cookies.set(name, encodeURIComponent(value))
      }
      return (answer.headers.location ?? '').slice(forge.url.length)
    },

    async walk(browser: WalkingBrowser, start: string): Promise<string> {
      const { path, fields } = await ways.answer(browser, start)
      return ways.arrive(browser, path, fields)
    },
  }
  return ways
}
