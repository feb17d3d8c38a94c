import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { ROLE_LEVELS, ROLES } from '../../../forge/contract/role.ts'
import { mintToken } from '../../support/builders.ts'
import { startOAuthScene, type OAuthScene } from './support.ts'

let scene: OAuthScene
beforeAll(async () => {
  scene = await startOAuthScene({ settings: { limits: { mint: null, exchange: null }, maxTokensPerUser: 10_000 } })
})
afterAll(() => scene.forge.close())

const at = fc.nat(3)
const scope = fc.constantFrom(undefined, 'mcp:read', 'mcp:read mcp:write')
const chain = fc.record({
  role: fc.constantFrom(...ROLES.filter((role) => role !== 'owner')),
  readOnly: fc.boolean(),
  reach: fc.uniqueArray(at, { minLength: 1, maxLength: 4 }),
  minutes: fc.integer({ min: 1, max: 40 }),
  steps: fc.array(fc.record({ from: at, to: at, scope }), { minLength: 1, maxLength: 5 }),
  narrowed: fc.option(fc.record({ role: fc.constantFrom(...ROLES.slice(0, 2)), readOnly: fc.constant(true) })),
})

it('never yields more than the root of a chain of exchanges, whatever becomes of the root', async () => {
  let exchanges = 0
  await fc.assert(
    fc.asyncProperty(chain, async ({ role, readOnly, reach, minutes, steps, narrowed }) => {
      const instanceOf = (index: number) => scene.instances[index] ?? scene.instances[0]
      const grants = reach.map((index) => ({ type: 'instance' as const, id: instanceOf(index).id }))
      const expiresAt = new Date(Date.now() + minutes * 60_000).toISOString()
      const root = await mintToken(scene.forge, {
        user: scene.alice,
        instance: instanceOf(0),
        ...{ role, readOnly, grants, expiresAt },
      })

      const made: string[] = []
      let subject = root.token
      for (const step of steps) {
        const form = step.scope === undefined ? {} : { scope: step.scope }
        const route = { from: instanceOf(step.from), to: instanceOf(step.to) }
        const answer = await scene.exchange(subject, route, form)
        expect([200, 400]).toContain(answer.status)
        if (answer.access_token === undefined) continue
        made.push((subject = answer.access_token))
        exchanges += 1
      }
      expect(made.length).toBeLessThanOrEqual(3)

      if (narrowed && ROLE_LEVELS[narrowed.role] <= ROLE_LEVELS[role]) {
        await scene.browser('PATCH', `/api/v1/tokens/${root.id}`, narrowed)
      }
      for (const text of made) {
        let places = 0
        for (const instance of scene.instances) {
          const answer = await scene.introspect(text, instance)
          if (!answer.active) continue
          const worth = await scene.introspect(root.token, instance)
          if (!worth.active) throw new Error('a token works where what it came of does not')
          places += 1
          expect(answer.forge.role.level).toBeLessThanOrEqual(worth.forge.role.level)
          expect(answer.forge.readOnly || !worth.forge.readOnly).toBe(true)
          expect(answer.exp).toBeLessThanOrEqual(worth.exp ?? Infinity)
          expect((answer.exp ?? Infinity) - answer.iat).toBeLessThanOrEqual(15 * 60)
          expect(answer.sub).toBe(worth.sub)
        }
        expect(places).toBeLessThanOrEqual(1)
      }

      await scene.browser('DELETE', `/api/v1/tokens/${root.id}`)
      for (const text of made) {
        for (const instance of scene.instances)
          expect(await scene.introspect(text, instance)).toEqual({ active: false })
      }
    }),
    { numRuns: 40, seed: 20261124 },
  )
  expect(exchanges).toBeGreaterThan(10)
}, 120_000)
