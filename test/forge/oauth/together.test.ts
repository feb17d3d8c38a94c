import { setImmediate as turn } from 'node:timers/promises'

import fastify from 'fastify'
import { describe, expect, it } from 'vitest'

import { goOnTogether } from '../../../forge/oauth/together.ts'

/** A server whose requests go on together, and the steps that they took, in order. Those to `/torn` throw in the first. */
function serve() {
  const steps: string[] = []
  const app = fastify()
  app.addHook('onRequest', goOnTogether())
  app.addHook('onRequest', ({ url }, _reply, done) => {
    steps.push(`first ${url}`)
    if (url === '/torn') throw new Error('torn')
    queueMicrotask(done)
  })
  app.get('/:name', async ({ url }) => {
    steps.push(`second ${url}`)
    return {}
  })
  const statusOf = async (url: string) => (await app.inject({ url })).statusCode
  return { app, steps, statusOf }
}

describe('goOnTogether', () => {
  it('takes each step for all who came in one turn before anybody takes the next', async () => {
    const { app, steps, statusOf } = serve()
    await app.ready()

    expect(await Promise.all(['/a', '/b', '/c'].map(statusOf))).toEqual([200, 200, 200])
    expect(steps).toEqual(['first /a', 'first /b', 'first /c', 'second /a', 'second /b', 'second /c'])
    await app.close()
  })

  it('lets the others go on when one of them throws', async () => {
    const { app, steps, statusOf } = serve()
    await app.ready()

    expect(await Promise.all(['/a', '/torn', '/c'].map(statusOf))).toEqual([200, 500, 200])
    expect(steps).toEqual(['first /a', 'first /torn', 'first /c', 'second /a', 'second /c'])
    await app.close()
  })

  it('lets who comes alone go on in the next turn, and forgets nobody who comes while others go on', async () => {
    const hook = goOnTogether()
    const gone: string[] = []
    const come = (name: string, then = () => {}) => {
      const done = () => {
        gone.push(name)
        then()
      }
      Reflect.apply(hook, null, [null, null, done])
    }

    come('alone', () => come('meanwhile'))
    expect(gone).toEqual([])
    await turn()
    expect(gone).toEqual(['alone'])
    await turn()
    expect(gone).toEqual(['alone', 'meanwhile'])
  })
})
