import type { TestForge } from '../forge.ts'

type Answer = Awaited<ReturnType<TestForge['app']['inject']>>

/** A browser with its cookies, that walks between a forge and identity providers. */
export interface WalkingBrowser {
  /** Calls a path below the forge's address. */
  call(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, payload?: object): Promise<Answer>
  /** Follows redirects from an address of the forge, over providers, until a page of the forge. @returns its address */
  walk(path: string): Promise<string>
  /** Follows redirects of a provider until they lead to the forge. @returns that address, which was not called */
  throughProvider(address: string): Promise<string>
  /** Cookies of the forge. */
  cookies: Map<string, string>
}

export function openWalkingBrowser(forge: Pick<TestForge, 'app' | 'url'>): WalkingBrowser {
  const cookies = new Map<string, string>()
  const elsewhere = new Map<string, string>()

  const browser: WalkingBrowser = {
    cookies,
    async call(method, path, payload) {
      const answer = await forge.app.inject({
        method,
        url: forge.url + path,
        headers: { cookie: header(cookies) },
        ...(payload ? { payload } : {}),
      })
      keep(cookies, [answer.headers['set-cookie'] ?? []].flat())
      return answer
    },

    async walk(path) {
      let next = path
      for (let step = 0; step < 10; step++) {
        const answer = await browser.call('GET', next)
        const { location } = answer.headers
        if (answer.statusCode < 300 || answer.statusCode >= 400 || location === undefined) return next

        const back = location.startsWith(forge.url) ? location : await browser.throughProvider(location)
        next = back.slice(forge.url.length)
        // Pages are not built in these tests.
        if (!next.startsWith('/account/')) return next
      }
      throw new Error('it never ends')
    },

    async throughProvider(address) {
      let next = address
      for (let step = 0; step < 10; step++) {
        const answer = await fetch(next, { redirect: 'manual', headers: { cookie: header(elsewhere) } })
        keep(elsewhere, answer.headers.getSetCookie())
        const location = answer.headers.get('location')
        if (location === null) throw new Error(`the provider answered ${answer.status}: ${await answer.text()}`)
        next = new URL(location, next).href
        if (next.startsWith(forge.url)) return next
      }
      throw new Error('the provider never ends')
    },
  }
  return browser
}

function header(jar: Map<string, string>): string {
  return [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
}

function keep(jar: Map<string, string>, lines: string[]): void {
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    const gone = /max-age=0|expires=Thu, 01 Jan 1970/i.test(line)
    if (gone || value === '') jar.delete(name)
    else jar.set(name, value)
  }
}
