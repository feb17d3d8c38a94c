import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { describe, expect, it } from 'vitest'

import { DEFAULT_POLICY } from '../../../forge/contract/policy.ts'
import type { KnownToken } from '../../../forge/tokens/facts.ts'
import { createHeldTokens, liveAt } from '../../../forge/tokens/held-tokens.ts'
import type { Live } from '../../../forge/tokens/memory.ts'

const limits = { maxTokens: 3, maxPlaces: 4 }
/** Another text at each call, as rows of a database are, with what is in `id`. */
const copy = (text: string) => Buffer.from(text).toString()

const token = (id: string): KnownToken => ({
  ...{ id: copy(id), name: `token ${id}`, userId: copy('alice'), familyId: copy(id), endsGrace: false },
  ...{ secretHash: `hash of ${id}`, prefilter: '00000000', keyId: copy('key') },
  issued: { via: 'page', toId: null, parentId: null },
  parents: [],
  facts: {
    ...{ role: 'member', readOnly: false, tools: null, grants: [{ type: 'instance', id: copy('packer') }] },
    ...{ createdAt: 1, expiresAt: 2, revokedAt: null, retiresAt: null, endNoted: false, parents: [] },
  },
})

const live = (instanceId: string): Live => ({
  user: {
    ...{ id: copy('alice'), username: 'alice', name: 'Alice', email: 'alice@example.com' },
    ...{ picture: null, suspended: false },
  },
  team: { id: 'team', name: 'Team', slug: 'team', suspended: false },
  instance: { id: instanceId, name: instanceId, url: '', applicationId: 'app', production: false },
  ...{ teamRoleLevel: 30, roleSince: 3, overrideLevel: null, sso: null },
  ...{ policy: DEFAULT_POLICY, approved: false, cutOff: false },
})

function holding(texts: readonly string[], options = limits) {
  const held = createHeldTokens(options)
  const use = (text: string, instanceId = 'packer') => {
    held.prove(text, token(text))
    held.keep(text, { token: token(text), live: live(instanceId) }, { instanceId, mark: 7 })
  }
  for (const text of texts) use(text)
  const find = (text: string) => {
    const found = held.of(text)
    if (!found) throw new Error(`nothing is held of ${text}`)
    return found
  }
  return { held, use, find }
}

describe('what is held of a token', () => {
  it('is what was read of it, in full', () => {
    const { find } = holding(['a'])
    expect(find('a')).toMatchObject({ token: token('a'), mark: 7, at: { ...live('packer'), mark: 7 } })
    expect(liveAt(find('a'), 'packer')).toEqual({ ...live('packer'), mark: 7 })
  })

  it('is found by the whole text alone, which is not in it', () => {
    const { held, find } = holding(['ffpat_abc'])
    expect(held.of('ffpat_ab')).toBeNull()
    expect(find('ffpat_abc').key).not.toContain('ffpat')
    expect(holding(['ffpat_abc']).find('ffpat_abc').key).not.toBe(find('ffpat_abc').key) // with a key of its own
  })

  it('is nothing before it was proved, nor after it would prove something else', () => {
    const held = createHeldTokens(limits)
    held.keep('a', { token: token('a'), live: null }, { instanceId: null, mark: 0 })
    expect(held.of('a')).toBeNull()

    held.prove('a', { id: 'a', secretHash: 'an older hash' })
    held.keep('a', { token: token('a'), live: live('packer') }, { instanceId: 'packer', mark: 0 })
    expect(held.of('a')).toMatchObject({ token: null, at: null })
  })

  it('goes when the text has proved another hash, and stays when it has proved the same again', () => {
    const { held, find } = holding(['a'])
    held.prove('a', token('a'))
    expect(find('a').token).not.toBeNull()

    held.prove('a', { id: 'a', secretHash: 'moved to another key' })
    expect(find('a')).toMatchObject({ proved: { secretHash: 'moved to another key' }, token: null, at: null })
  })

  it('is of each instance apart, and never what was read of another one', () => {
    const { held, use, find } = holding(['a'])
    use('a', 'printer')
    held.keep('a', { token: token('a'), live: live('printer') }, { instanceId: 'robot', mark: 0 })

    const names = ['packer', 'printer', 'robot'].map((id) => liveAt(find('a'), id)?.instance.name)
    expect(names).toEqual(['packer', 'printer', undefined])
  })
})

describe('of more than can be held', () => {
  it('those that were not used for longest go', () => {
    const { held, find, use } = holding(['a', 'b', 'c'])
    find('a')
    use('d')
    expect(['a', 'b', 'c', 'd'].map((text) => held.of(text) !== null)).toEqual([true, false, true, true])
  })

  it('they go when one is used at many instances, and in the end that one goes', () => {
    const { held, use } = holding(['a', 'b'])
    for (const instanceId of ['1', '2', '3']) use('b', instanceId)
    expect([held.of('a'), held.of('b')?.others?.size]).toEqual([null, 3])

    use('b', '4')
    expect(held.of('b')).toBeNull()
    for (const text of ['c', 'd', 'e']) use(text)
    expect(['c', 'd', 'e'].map((text) => held.of(text) !== null)).toEqual([true, true, true])
  })
})

describe('the room that it takes', () => {
  it('holds one copy of what many have', () => {
    const { find } = holding(['a', 'b'])
    const [a, b] = [find('a'), find('b')]
    for (const shared of ['user', 'team', 'instance', 'policy'] as const) expect(a.at?.[shared]).toBe(b.at?.[shared])
    expect(a.token?.facts.grants).toBe(b.token?.facts.grants)
    expect(a.token?.issued).toBe(b.token?.issued)
    expect(a.token?.parents).toBe(b.token?.parents)
    expect(a.proved).toBe(a.token)
  })

  it('is less than a kilobyte for each token', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const used = () => {
      collect()
      return process.memoryUsage().heapUsed
    }
    const many = Array.from({ length: 5_000 }, (_, n) => `token ${n}`)
    const before = used()
    const { find } = holding(many, { maxTokens: 100_000, maxPlaces: 100_000 })
    const each = (used() - before) / many.length

    expect(find('token 0').token?.id).toBe('token 0')
    expect(each).toBeLessThan(1_000)
  })
})
