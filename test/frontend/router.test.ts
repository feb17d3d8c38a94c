import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { useSession } from '../../frontend/composables/useSession.ts'
import { router } from '../../frontend/router.ts'
import { answerWith } from './support/forge.ts'

const ADMIN = { id: 'u1', username: 'alice', name: 'Alice', admin: true, provider: null }
const OWN_PAGES = ['/setup', '/login/p1', '/settings/account', '/users', '/single-sign-on', '/single-sign-on/p1']

const reach = async (path: string) => {
  await router.push(path)
  const { name, path: shown } = router.currentRoute.value
  return { name, shown }
}

beforeEach(() => {
  answerWith({ 'GET /api/v1/user': { body: ADMIN } })
})
afterEach(async () => {
  document.head.replaceChildren()
  useSession().giveUp()
  await router.push('/login')
  vi.unstubAllGlobals()
})

describe('the pages of what our own host does', () => {
  it.each(OWN_PAGES)('are there where the forge runs by itself: %s', async (path) => {
    expect((await reach(path)).name).not.toBe('forge-pat-not-found')
  })

  it.each(OWN_PAGES)('do not exist beside a FlowFuse, whoever asks: %s', async (path) => {
    document.head.innerHTML = '<meta name="forge-host" content="flowfuse">'
    expect(await reach(path)).toEqual({ name: 'forge-pat-not-found', shown: path })
  })

  it.each(['/', '/settings'])('the list of tokens is at %s in both', async (path) => {
    document.head.innerHTML = '<meta name="forge-host" content="flowfuse">'
    expect(await reach(path)).toEqual({ name: 'forge-pat-tokens', shown: '/settings/tokens' })
  })
})
