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
  | { do: 'production'; production: boolean }
  | { do: 'approve'; nth: number; decision: 'approve' | 'deny' }
  | { do: 'cut'; nth: number; where: 'team' | 'first instance' }

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
          productionNeedsApproval: fc.boolean(),
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
  fc.record({ do: fc.constant('production' as const), production: fc.boolean() }),
  fc.record({
    do: fc.constant('approve' as const),
    nth,
    decision: fc.constantFrom('approve' as const, 'deny' as const),
  }),
  fc.record({
    do: fc.constant('cut' as const),
    nth,
    where: fc.constantFrom('team' as const, 'first instance' as const),
  }),
)

/** One person in one team with two instances of two applications, and what a model of them says. */
async function createWorld() {
  const alice = await createUser(forge)
  const owner = await createUser(forge)
  const team = await createTeam(forge, { owner })
  await addMember(forge, { team, user: alice, role: 'owner' })
  const application = await createApplication(forge, { team })
  const other = await createApplication(forge, { team })
  const instances = [await createInstance(forge, { application }), await createInstance(forge, { application: other })]
  return new World({ alice, owner, team, application, instances: instances as [TestInstance, TestInstance] })
}

interface Cast {
  alice: TestUser
  /** Of the team: who approves and who ends tokens there. */
  owner: TestUser
  team: { id: string }
  application: TestApplication
  instances: [TestInstance, TestInstance]
}

interface Known {
  id: string
  text: string
  cap: Role
  readOnly: boolean
  tools: Tools
  onlyFirst: boolean
  revoked: boolean
  /** The first token of those that replaced each other. */
  family: string
  /** For production, as it is now. */
  approved: boolean
  cut: ('team' | 'first instance')[]
}

function isWider(before: Known, after: { role: Role; readOnly: boolean; reach: string; tools: Tools }): boolean {
  return (
    ROLE_LEVELS[after.role] > ROLE_LEVELS[before.cap] ||
    (before.readOnly && !after.readOnly) ||
    (before.tools !== null && (after.tools ?? ['every tool']).some((tool) => !before.tools?.includes(tool))) ||
    (before.onlyFirst && after.reach === 'team')
  )
}

class World {
  roleLevel: number | null = 50
  overrideLevel: number | null = null
  policy: TokenPolicy = DEFAULT_POLICY
  suspended = { user: false, team: false }
  production = false
  readonly tokens: Known[] = []

  readonly alice: TestUser
  readonly owner: TestUser
  readonly team: { id: string }
  readonly application: TestApplication
  readonly instances: [TestInstance, TestInstance]

  constructor({ alice, owner, team, application, instances }: Cast) {
    this.alice = alice
    this.owner = owner
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
        if (isWider(token, step)) token.approved = false
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
        return
      }
      case 'production':
        this.production = step.production
        await forge.store.Instance.update({ production: step.production }, { where: { id: this.instances[0].id } })
        return
      case 'approve': {
        const token = this.tokens[step.nth]
        const path = `/teams/${this.team.id}/approvals/${token?.id ?? ''}`
        if (!token || (await this.callAsOwner('POST', path, this.word(step.decision))).statusCode >= 300) return
        token.approved = step.decision === 'approve'
        return
      }
      case 'cut': {
        const token = this.tokens[step.nth]
        const scope = step.where === 'team' ? `/teams/${this.team.id}` : `/instances/${this.instances[0].id}`
        if (!token || (await this.callAsOwner('DELETE', `${scope}/tokens/${token.id}`)).statusCode !== 204) return
        for (const each of this.tokens.filter(({ family }) => family === token.family)) each.cut.push(step.where)
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
    expect(token.cut).not.toContain('team')
    if (index === 0) expect(token.cut).not.toContain('first instance')
    if (index === 0 && this.production && this.policy.productionNeedsApproval) expect(token.approved).toBe(true)
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
      reason: 'For the night shift.',
    }
  }

  private word(decision: 'approve' | 'deny') {
    return { decision, ...(decision === 'deny' ? { reason: 'No.' } : {}) }
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
      family: parent?.family ?? created.id,
      approved: parent?.approved ?? false,
      cut: [...(parent?.cut ?? [])],
    })
  }

  private call(method: 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object) {
    return this.callAs(this.alice, method, `/tokens${path}`, payload)
  }

  private callAsOwner(method: 'POST' | 'DELETE', path: string, payload?: object) {
    return this.callAs(this.owner, method, path, payload)
  }

  private async callAs(user: TestUser, method: 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object) {
    const headers = await signIn(forge, user)
    const url = `/api/v1${path}`
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
