import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'

import { address } from '../../../frontend/base.ts'
import { useSession } from '../../../frontend/composables/useSession.ts'
import { english, routes } from '../../../frontend/library/index.ts'
import { t } from '../../../frontend/messages/messages.ts'
import { answerWith } from '../support/forge.ts'

const ALICE = { id: 'u1', username: 'alice', name: 'Alice', admin: true, provider: null }
const NOBODY = { status: 401, body: { code: 'unauthorized', error: 'Sign in at FlowFuse first.' } }
const HOST = { template: '<p></p>' }

let router: Router
const words = { ...english, list: { ...english.list, title: 'Keys' } }
beforeEach(() => {
  const own = [
    { path: '/', name: 'home', component: HOST },
    { path: '/tokens', name: 'tokens', component: HOST },
    { path: '/:rest(.*)*', name: 'not-found', component: HOST },
  ]
  router = createRouter({
    history: createMemoryHistory(),
    routes: [...own, ...routes({ mountPath: '/keys', api: '/pat', words })],
  })
})
afterEach(() => {
  useSession().giveUp()
  vi.unstubAllGlobals()
})

const reach = async (path: string) => {
  await router.push(path)
  return router.currentRoute.value.name
}

describe('the routes of the library', () => {
  it('stand below their path, beside the host’s own', async () => {
    answerWith({ 'GET /pat/api/v1/user': { body: ALICE } })
    expect(await reach('/keys')).toBe('forge-pat-tokens')
    expect(router.currentRoute.value.path).toBe('/keys/settings/tokens')
    expect(await reach('/keys/teams/t1/policy')).toBe('forge-pat-team-policy')
    expect(await reach('/tokens')).toBe('tokens')
    expect(await reach('/else')).toBe('not-found')
  })

  it('share no name with a host that names its own as it likes', () => {
    const names = router.getRoutes().flatMap(({ name }) => (typeof name === 'string' ? [name] : []))
    const hosts = ['home', 'tokens', 'not-found']
    expect(names.filter((name) => !name.startsWith('forge-pat-')).sort()).toEqual(hosts.sort())
  })

  it('ask whoever is nobody to sign in at FlowFuse, and remember where they wanted to be', async () => {
    answerWith({ 'GET /pat/api/v1/user': NOBODY })
    expect(await reach('/keys/teams')).toBe('forge-pat-login')
    expect(router.currentRoute.value.query).toEqual({ return: '/keys/teams' })
  })

  it('have a page for what is not there, and none of what FlowFuse does itself', async () => {
    answerWith({ 'GET /pat/api/v1/user': { body: ALICE } })
    for (const path of ['/keys/users', '/keys/setup', '/keys/nothing/here'])
      expect(await reach(path), path).toBe('forge-pat-not-found')
  })

  it('speak the words of the host, and call the forge where the host says it is', () => {
    expect(t.list.title).toBe('Keys')
    expect(new URL(address('api/v1/tokens')).pathname).toBe('/pat/api/v1/tokens')
  })
})
