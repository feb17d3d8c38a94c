import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { ForgeUnavailableError } from '../../instance/forge-api.ts'
import { createIntrospector, startIntrospector } from '../../instance/introspector.ts'
import type { IntrospectorOptions } from '../../instance/options.ts'
import { activeAnswer, json, madeUpToken, startLoopbackForge, type LoopbackForge } from './support/loopback-forge.ts'
import { eventually } from '../support/eventually.ts'

const NOW = new Date('2026-11-23T12:00:00Z')
const TOKEN = madeUpToken(1)
const exp = (secondsFromNow: number) => NOW.getTime() / 1000 + secondsFromNow

let forge: LoopbackForge

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: NOW.getTime() - 1 })
  vi.advanceTimersByTime(1) // a monotonic clock never reads 0, which lru-cache takes for "no start"
  forge = await startLoopbackForge()
})
afterEach(async () => {
  vi.useRealTimers()
  await forge.close()
})

function start(options: IntrospectorOptions = {}) {
  const logged: string[] = []
  const introspector = createIntrospector({
    forgeUrl: forge.url,
    instanceToken: 'fft_secret',
    log: (message) => logged.push(message),
    ...options,
  })
  return { introspector, logged }
}

function answerActive(...changes: Parameters<typeof activeAnswer>): void {
  forge.answer = json(200, activeAnswer(...changes))
}

describe('the question', () => {
  it('is a form post to /oauth/introspect below the forge', async () => {
    await start({ forgeUrl: `${forge.url}/pat/` }).introspector.introspect(TOKEN)

    expect(forge.asked).toEqual([
      {
        path: '/pat/oauth/introspect',
        authorization: 'Bearer fft_secret',
        contentType: 'application/x-www-form-urlencoded;charset=UTF-8',
        token: TOKEN,
        client: '',
        address: '',
      },
    ])
  })

  it('carries id and credential as HTTP Basic, both form-encoded, where the id is known', async () => {
    await start({ instanceId: 'press:1+2', instanceToken: 'fft_a/b' }).introspector.introspect(TOKEN)

    const [scheme, value = ''] = forge.asked[0]?.authorization?.split(' ') ?? []
    expect(scheme).toBe('Basic')
    expect(Buffer.from(value, 'base64').toString()).toBe('press%3A1%2B2:fft_a%2Fb')
  })

  it('is asked once for many callers with the same token', async () => {
    answerActive()
    const { introspector } = start()

    const answers = await Promise.all(Array.from({ length: 20 }, () => introspector.introspect(TOKEN)))

    expect(forge.asked).toHaveLength(1)
    expect(new Set(answers.map((answer) => answer?.username))).toEqual(new Set(['alice']))
  })

  it('is refused while too many others are open', async () => {
    forge.answer = () => undefined
    const { introspector } = start()
    const open = Array.from({ length: 256 }, (_, n) => introspector.introspect(madeUpToken(n)).catch(() => null))

    await expect(introspector.introspect(madeUpToken(999))).rejects.toMatchObject({ retryAfterSeconds: 1 })

    await forge.close()
    await Promise.all(open)
  })
})

describe('the cache', () => {
  it('believes an answer for ten seconds and no longer', async () => {
    answerActive()
    const { introspector } = start()
    await introspector.introspect(TOKEN)
    forge.answer = json(200, { active: false })

    vi.advanceTimersByTime(9_999)
    expect(await introspector.introspect(TOKEN)).not.toBeNull()
    vi.advanceTimersByTime(2)
    expect(await introspector.introspect(TOKEN)).toBeNull()
    expect(forge.asked).toHaveLength(2)
  })

  it('believes it for a shorter time where the forge says so', async () => {
    answerActive({}, { cacheSeconds: 3 })
    const { introspector } = start()

    await introspector.introspect(TOKEN)
    vi.advanceTimersByTime(3_001)
    await introspector.introspect(TOKEN)

    expect(forge.asked).toHaveLength(2)
  })

  it('keeps nothing where the forge says so', async () => {
    answerActive({}, { cacheSeconds: 0 })
    const { introspector } = start()

    await introspector.introspect(TOKEN)
    await introspector.introspect(TOKEN)

    expect(forge.asked).toHaveLength(2)
  })

  it('never outlives the token: at the second of expiry it is over', async () => {
    answerActive({ exp: exp(5) })
    const { introspector } = start()

    await introspector.introspect(TOKEN)
    forge.answer = json(200, { active: false })
    vi.setSystemTime(NOW.getTime() + 4_999)
    expect(await introspector.introspect(TOKEN)).not.toBeNull()
    vi.setSystemTime(NOW.getTime() + 5_000)
    expect(await introspector.introspect(TOKEN)).toBeNull()
  })

  it('does not take an answer for active whose end has passed', async () => {
    answerActive({ exp: exp(0) })

    expect(await start().introspector.introspect(TOKEN)).toBeNull()
  })

  it('does not live longer because the clock on the wall was put back', async () => {
    answerActive()
    const { introspector } = start()
    await introspector.introspect(TOKEN)

    vi.advanceTimersByTime(10_001)
    vi.setSystemTime(NOW.getTime() - 3_600_000)
    await introspector.introspect(TOKEN)

    expect(forge.asked).toHaveLength(2)
  })

  it('remembers for two seconds that a token is not accepted', async () => {
    const { introspector } = start()

    await introspector.introspect(TOKEN)
    vi.advanceTimersByTime(1_999)
    await introspector.introspect(TOKEN)
    expect(forge.asked).toHaveLength(1)

    vi.advanceTimersByTime(2)
    answerActive()
    expect(await introspector.introspect(TOKEN)).not.toBeNull()
  })
})

describe('forget', () => {
  it('drops the answers about one token and leaves the others', async () => {
    const [first, second] = [madeUpToken(1), madeUpToken(2)]
    forge.answer = ({ token }, response) =>
      json(200, activeAnswer({ jti: token === first ? 'first' : 'second' }))({} as never, response)
    const { introspector } = start()
    await introspector.introspect(first)
    await introspector.introspect(second)

    introspector.forget('first')
    await introspector.introspect(first)
    await introspector.introspect(second)

    expect(forge.asked.map(({ token }) => token)).toEqual([first, second, first])
  })

  it('drops all of them', async () => {
    answerActive()
    const { introspector } = start()
    await introspector.introspect(TOKEN)

    introspector.forget()
    await introspector.introspect(TOKEN)

    expect(forge.asked).toHaveLength(2)
  })

  it('keeps an answer out of the cache that was already on its way', async () => {
    let release = () => {}
    forge.answer = (asked, response) =>
      new Promise((resolve) => {
        release = () => resolve(json(200, activeAnswer())(asked, response))
      })
    const { introspector } = start()
    const early = introspector.introspect(TOKEN)
    await eventually(() => expect(forge.asked).toHaveLength(1))

    introspector.forget('tokenA')
    release()
    await early
    forge.answer = json(200, { active: false })

    expect(await introspector.introspect(TOKEN)).toBeNull()
  })
})

describe('while the forge pushes changes', () => {
  function startLive() {
    const push = { live: true }
    const settings = { forgeUrl: forge.url, instanceId: undefined, instanceToken: 'fft_secret', log: () => undefined }
    return { push, introspector: startIntrospector(settings, () => push.live) }
  }

  it('believes an answer for as long as the forge says', async () => {
    answerActive({}, { cacheSeconds: 30 })
    const { introspector } = startLive()
    await introspector.introspect(TOKEN)

    vi.advanceTimersByTime(29_999)
    await introspector.introspect(TOKEN)
    expect(forge.asked).toHaveLength(1)
    vi.advanceTimersByTime(1)
    await introspector.introspect(TOKEN)
    expect(forge.asked).toHaveLength(2)
  })

  it('no longer believes what is older than ten seconds when it stops', async () => {
    answerActive({}, { cacheSeconds: 30 })
    const { push, introspector } = startLive()
    await introspector.introspect(TOKEN)

    vi.advanceTimersByTime(10_000)
    await introspector.introspect(TOKEN)
    expect(forge.asked).toHaveLength(1)
    push.live = false
    await introspector.introspect(TOKEN)
    expect(forge.asked).toHaveLength(2)
  })

  it.each([['tokenA'], [undefined]])(
    'doubts answers that come just after something was pushed: %s',
    async (tokenId) => {
      answerActive({}, { cacheSeconds: 30 })
      const { introspector } = startLive()

      introspector.forget(tokenId)
      // A forge that has not heard of it yet says what it said before.
      await introspector.introspect(TOKEN)
      forge.answer = json(200, { active: false })
      vi.advanceTimersByTime(201)

      expect(await introspector.introspect(TOKEN)).toBeNull()
    },
  )

  it('does not doubt answers about other tokens, nor later ones', async () => {
    answerActive({}, { cacheSeconds: 30 })
    const { introspector } = startLive()

    introspector.forget('tokenB')
    await introspector.introspect(TOKEN)
    vi.advanceTimersByTime(2_001)
    await introspector.introspect(TOKEN)
    expect(forge.asked).toHaveLength(1)

    introspector.forget('tokenA')
    vi.advanceTimersByTime(2_001)
    await introspector.introspect(TOKEN)
    vi.advanceTimersByTime(5_000)
    await introspector.introspect(TOKEN)
    expect(forge.asked).toHaveLength(2)
  })
})

describe('a forge in trouble', () => {
  it.each([
    ['is not JSON', (_: unknown, response: import('node:http').ServerResponse) => void response.end('<html>')],
    ['has no "active"', json(200, {})],
    ['says active and nothing else', json(200, { active: true })],
    ['says active as a text', json(200, { ...activeAnswer(), active: 'true' })],
    ['has an unknown role', json(200, activeAnswer({ roles: ['king' as 'owner'] }))],
    ['has a status of its own', json(418, {})],
    ['redirects', json(307, {}, { location: 'http://127.0.0.1:9/oauth/introspect' })],
  ])('is unavailable when its answer %s', async (_, answer) => {
    forge.answer = answer

    await expect(start().introspector.introspect(TOKEN)).rejects.toThrow(ForgeUnavailableError)
  })

  it('is unavailable when nothing listens', async () => {
    await forge.close()

    await expect(start().introspector.introspect(TOKEN)).rejects.toThrow('The forge cannot be reached at')
  })

  it('is unavailable when it does not answer in time', async () => {
    forge.answer = () => undefined
    const aborted = AbortSignal.abort(new DOMException('too late', 'TimeoutError'))
    vi.spyOn(AbortSignal, 'timeout').mockReturnValue(aborted)

    await expect(start().introspector.introspect(TOKEN)).rejects.toThrow('The forge cannot be reached at')
    expect(AbortSignal.timeout).toHaveBeenCalledWith(5_000)
  })

  it('is unavailable when it speaks of another instance than this one', async () => {
    answerActive()

    await expect(start({ instanceId: 'instanceB' }).introspector.introspect(TOKEN)).rejects.toThrow(
      'The credential of this instance belongs to another one',
    )
  })

  it('takes an id with that of a team behind it for its own, as a FlowFuse has them, and no other', async () => {
    const { forge: facts } = activeAnswer()
    answerActive({ forge: { ...facts, instance: { id: 'instanceA_team1', name: 'line-4' } } })

    expect(await start({ instanceId: 'instanceA' }).introspector.introspect(TOKEN)).toMatchObject({ active: true })
    await expect(start({ instanceId: 'instance' }).introspector.introspect(TOKEN)).rejects.toThrow(
      'The credential of this instance belongs to another one',
    )
  })

  it.each([
    ['7', 7],
    ['86400', 60],
    ['Fri, 31 Dec 1999 23:59:59 GMT', 5],
    ['', 5],
  ])('honours its Retry-After "%s" as %i seconds', async (header, seconds) => {
    forge.answer = json(503, {}, { 'retry-after': header })

    await expect(start().introspector.introspect(TOKEN)).rejects.toMatchObject({ retryAfterSeconds: seconds })
  })

  it('is not remembered: the next question is asked anew', async () => {
    forge.answer = json(503, {})
    const { introspector } = start()
    await introspector.introspect(TOKEN).catch(() => null)
    answerActive()

    expect(await introspector.introspect(TOKEN)).toMatchObject({ username: 'alice' })
  })

  it('is logged once when it begins and once when it ends, without secrets', async () => {
    forge.answer = json(401, {})
    const { introspector, logged } = start()
    await introspector.introspect(TOKEN).catch(() => null)
    await introspector.introspect(TOKEN).catch(() => null)
    answerActive()
    await introspector.introspect(TOKEN)

    expect(logged).toHaveLength(2)
    expect(logged[0]).toMatch(/^The forge does not accept the credential of this instance/)
    expect(logged[1]).toBe('The forge answers again.')
    expect(logged.join()).not.toMatch(/fft_secret|ffpat_/)
  })

  it('does not end the life of an answer that is still believed', async () => {
    answerActive()
    const { introspector } = start()
    await introspector.introspect(TOKEN)
    await forge.close()

    expect(await introspector.introspect(TOKEN)).toMatchObject({ username: 'alice' })
    vi.advanceTimersByTime(10_001)
    await expect(introspector.introspect(TOKEN)).rejects.toThrow(ForgeUnavailableError)
  })
})
