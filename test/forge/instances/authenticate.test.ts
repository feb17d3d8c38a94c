import fastify from 'fastify'
import { describe, expect, it } from 'vitest'

import type { Directory } from '../../../forge/directory/directory.ts'
import { requireInstance } from '../../../forge/instances/authenticate.ts'
import { createLimits } from '../../../forge/limits/limits.ts'

/** What a route for instances answers when the host says this of the caller, and who was let in. */
async function ask(authenticateInstance: () => Promise<unknown>, authorization = 'Bearer fft_something') {
  const letIn: string[] = []
  const directory = { authenticateInstance } as unknown as Directory
  const app = fastify()
  app.addHook('onRequest', requireInstance({ directory, limits: createLimits() }))
  app.get('/', async ({ callerInstanceId }) => {
    letIn.push(callerInstanceId)
    return {}
  })
  const { statusCode } = await app.inject({ url: '/', headers: { authorization } })
  await app.close()
  return { statusCode, letIn }
}

describe('requireInstance', () => {
  it('lets in the instance that the host knows', async () => {
    expect(await ask(async () => 'packer')).toEqual({ statusCode: 200, letIn: ['packer'] })
  })

  it.each([null, undefined, ''])('refuses a caller of whom the host says %j', async (said) => {
    expect((await ask(async () => said)).letIn).toEqual([])
  })

  it.each([undefined, null, '', 0, 'no', new Error('no')])(
    'lets nobody in when the host fails with %j',
    async (reason) => {
      const failing = { then: (_next: unknown, fail: (reason: unknown) => void) => fail(reason) }
      expect(await ask(() => failing as unknown as Promise<never>)).toEqual({ statusCode: 500, letIn: [] })
    },
  )

  it('lets nobody in when the host throws before there is a promise', async () => {
    const answer = await ask(() => {
      throw new Error('no')
    })
    expect(answer).toEqual({ statusCode: 500, letIn: [] })
  })

  it.each(['', 'Bearer', 'Bearer !', 'Digest x'])('does not ask the host about %j', async (authorization) => {
    const answer = await ask(() => Promise.resolve('packer'), authorization)
    expect(answer.letIn).toEqual([])
  })
})
