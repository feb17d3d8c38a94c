import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'

import type { ActiveIntrospection, Introspection } from '../../../forge/contract/introspection.ts'
import { DEFAULT_POLICY, type TokenPolicy } from '../../../forge/contract/policy.ts'
import { ROLE_LEVELS, ROLES, type OverrideRole, type Role } from '../../../forge/contract/role.ts'
import type { CreatedToken, CreateToken } from '../../../forge/contract/token.ts'
import { createPolicies } from '../../../forge/policy/policy.ts'
import {
  addMember,
  createApplication,
  createInstance,
  createTeam,
  createUser,
  setOverride,
  signIn,
  type TestApplication,
  type TestInstance,
  type TestUser,
} from '../../support/builders.ts'
import { startForge, type TestForge } from '../../support/forge.ts'

/**
 * Whatever people and owners do in whatever order: no token can do at any moment what its owner could not do then, nor
 * what its team's policy forbids, nor what it was not minted for.
 */
let forge: TestForge
beforeAll(async () => {
  forge = await startForge()
})
afterAll(() => forge.close())

type Tools = string[] | null

/** What may happen, in the order in which a run picks it. */
type Step =
  | { do: 'mint'; role: Role; readOnly: boolean; tools: Tools; reach: 'instance' | 'application' | 'team' }
  | { do: 'rotate'; nth: number; untilFirstUse: boolean; graceMinutes?: number }
  | { do: 'edit'; nth: number; role: Role; readOnly: boolean; tools: Tools; reach: 'instance' | 'application' | 'team' }
  | { do: 'revoke'; nth: number }
  | { do: 'setRole'; role: Role | null }
  | { do: 'override'; role: OverrideRole }
  | { do: 'policy'; policy: Partial<TokenPolicy> }
  | { do: 'suspend'; who: 'user' | 'team'; suspended: boolean }

const role = fc.constantFrom(...ROLES)
const reach = fc.constantFrom('instance' as const, 'application' as const, 'team' as const)
const nth = fc.nat(4)
const tools = fc.option(fc.subarray(['read', 'write', 'destroy']))
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('mint' as const), role, readOnly: fc.boolean(), tools, reach }) },
  {
    weight: 2,
    arbitrary: fc.record(
      { do: fc.constant('rotate' as const), nth, untilFirstUse: fc.boolean(), graceMinutes: fc.nat(60) },
      { requiredKeys: ['do', 'nth', 'untilFirstUse'] },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('edit' as const), nth, role, readOnly: fc.boolean(), tools, reach }),
  },
  fc.record({ do: fc.constant('revoke' as const), nth }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('setRole' as const), role: fc.option(role) }) },
  fc.record({
    do: fc.constant('override' as const),
    role: fc.constantFrom<OverrideRole>('none', 'dashboard', 'viewer', 'member', 'owner'),
  }),
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('policy' as const),
      policy: fc.record(
        {
          enabled: fc.boolean(),
          maxRole: role,
          readOnlyOnly: fc.boolean(),
          grantTypes: fc.uniqueArray(reach, { minLength: 1 }),
        },
        { requiredKeys: [] },
      ),
    }),
  },
  fc.record({
    do: fc.constant('suspend' as const),
    who: fc.constantFrom('user' as const, 'team' as const),
    suspended: fc.boolean(),
  }),
)

/** One person in one team with two instances of two applications, and what a model of them says. */
async function createWorld() {
  const alice = await createUser(forge)
  const team = await createTeam(forge)
  await addMember(forge, { team, user: alice, role: 'owner' })
  const application = await createApplication(forge, { team })
  const other = await createApplication(forge, { team })
  const instances = [await createInstance(forge, { application }), await createInstance(forge, { application: other })]
  return new World(alice, team, application, instances as [TestInstance, TestInstance])
}

class World {
  roleLevel: number | null = 50
  overrideLevel: number | null = null
  policy: TokenPolicy = DEFAULT_POLICY
  suspended = { user: false, team: false }
  readonly tokens: {
    id: string
    text: string
    cap: Role
    readOnly: boolean
    tools: Tools
    onlyFirst: boolean
    revoked: boolean
  }[] = []

  readonly alice: TestUser
  readonly team: { id: string }
  readonly application: TestApplication
  readonly instances: [TestInstance, TestInstance]

  constructor(
    alice: TestUser,
    team: { id: string },
    application: TestApplication,
    instances: [TestInstance, TestInstance],
  ) {
    this.alice = alice
    this.team = team
    this.application = application
    this.instances = instances
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'mint': {
        const answer = await this.call('POST', '', { ...this.wish(step), name: 'a token' })
        return this.learn(answer, step.reach !== 'team')
      }
      case 'rotate': {
        const token = this.tokens[step.nth]
        if (!token) return
        const { do: _do, nth: _nth, ...input } = step
        const answer = await this.call('POST', `/${token.id}/rotate`, input)
        return this.learn(answer, token.onlyFirst, token)
      }
      case 'edit': {
        const token = this.tokens[step.nth]
        if (!token) return
        const { expiresAt: _expiresAt, ...change } = this.wish(step)
        if ((await this.call('PATCH', `/${token.id}`, change)).statusCode !== 200) return
        const { role: cap, readOnly, tools: names } = step
        Object.assign(token, { cap, readOnly, tools: names, onlyFirst: step.reach !== 'team' })
        return
      }
      case 'revoke': {
        const token = this.tokens[step.nth]
        if (token && (await this.call('DELETE', `/${token.id}`)).statusCode === 204) token.revoked = true
        return
      }
      case 'setRole':
        return this.setRole(step.role)
      case 'override':
        return this.setOverride(step.role)
      case 'policy':
        this.policy = { ...DEFAULT_POLICY, ...step.policy }
        return forge.db.transaction((t) => createPolicies(forge.db).save(this.team.id, this.policy, t))
      case 'suspend': {
        this.suspended[step.who] = step.suspended
        const change = { suspended: step.suspended }
        if (step.who === 'user') await forge.store.User.update(change, { where: { id: this.alice.id } })
        else await forge.store.Team.update(change, { where: { id: this.team.id } })
      }
    }
  }

  /** What no token may exceed, here and now. */
  async check(): Promise<void> {
    for (const token of this.tokens) {
      for (const [index, instance] of this.instances.entries()) {
        const answer = await this.introspect(token.text, instance)
        if (answer.active) this.checkActive(answer, token, index)
      }
    }
  }

  private checkActive(answer: ActiveIntrospection, token: World['tokens'][number], index: number): void {
    const live = this.roleLevel === null ? 0 : index === 0 ? (this.overrideLevel ?? this.roleLevel) : this.roleLevel
    const { level } = answer.forge.role

    expect(token.revoked).toBe(false)
    expect(this.suspended).toEqual({ user: false, team: false })
    expect(level).toBeLessThanOrEqual(live)
    expect(level).toBeLessThanOrEqual(ROLE_LEVELS[token.cap])
    expect(level).toBeLessThanOrEqual(ROLE_LEVELS[this.policy.maxRole])
    expect(this.policy.enabled).toBe(true)
    expect(answer.forge.readOnly).toBe(token.readOnly || this.policy.readOnlyOnly)
    expect(answer.forge.tools ?? null).toEqual(token.tools)
    if (token.onlyFirst) expect(index).toBe(0)
  }

  private wish(step: {
    role: Role
    readOnly: boolean
    tools: Tools
    reach: 'instance' | 'application' | 'team'
  }): Omit<CreateToken, 'name'> {
    const id = { instance: this.instances[0].id, application: this.application.id, team: this.team.id }[step.reach]
    return {
      role: step.role,
      readOnly: step.readOnly,
      tools: step.tools,
      grants: [{ type: step.reach, id }],
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    }
  }

  private learn(
    answer: Awaited<ReturnType<World['call']>>,
    onlyFirst: boolean,
    parent?: World['tokens'][number],
  ): void {
    if (answer.statusCode !== 201) return
    const created = answer.json<CreatedToken>()
    if (parent) {
      expect(ROLE_LEVELS[created.role]).toBeLessThanOrEqual(ROLE_LEVELS[parent.cap])
      expect(created.readOnly).toBe(parent.readOnly)
      expect(created.tools).toEqual(parent.tools)
    }
    this.tokens.push({
      id: created.id,
      text: created.token,
      cap: created.role,
      readOnly: created.readOnly,
      tools: created.tools,
      onlyFirst,
      revoked: false,
    })
  }

  private async call(method: 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object) {
    const headers = await signIn(forge, this.alice)
    const url = `/api/v1/tokens${path}`
    const answer = await forge.app.inject({ method, url, headers, ...(payload ? { payload } : {}) })
    expect(answer.statusCode).toBeLessThan(500)
    return answer
  }

  private async introspect(token: string, { credential }: TestInstance): Promise<Introspection> {
    const answer = await forge.app.inject({
      method: 'POST',
      url: '/oauth/introspect',
      headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ token }).toString(),
    })
    return answer.json<Introspection>()
  }

  private async setRole(role: Role | null): Promise<void> {
    const where = { teamId: this.team.id, userId: this.alice.id }
    await forge.store.Member.destroy({ where })
    this.overrideLevel = null
    this.roleLevel = role && ROLE_LEVELS[role]
    if (role) await addMember(forge, { team: this.team, user: this.alice, role })
  }

  private async setOverride(role: OverrideRole): Promise<void> {
    if (this.roleLevel === null) return
    await setOverride(forge, { application: this.application, user: this.alice, role })
    this.overrideLevel = ROLE_LEVELS[role]
  }
}

it('never lets a token do what its owner could not do at that moment', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const world = await createWorld()
      for (const each of steps) {
        await world.take(each)
        await world.check()
      }
    }),
    { numRuns: 40, seed: 20261123 },
  )
}, 120_000)
