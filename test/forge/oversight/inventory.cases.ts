import { QueryTypes } from 'sequelize'
import { expect, it, vi } from 'vitest'

import { COUNTED_TOKENS } from '../../../forge/contract/counted.ts'
import type { Grant } from '../../../forge/contract/grant.ts'
import type { TeamTokenPage } from '../../../forge/contract/oversight.ts'
import type { TokenState } from '../../../forge/contract/token.ts'
import { createDirectory } from '../../../forge/host/directory.ts'
import { pageStatement, wayOf, type PageOfIds, type Way } from '../../../forge/oversight/reaching.ts'
import { ownedInstance, ownedTeam, type Scope } from '../../../forge/oversight/scope.ts'
import type { TokenFilter } from '../../../forge/oversight/token-filter.ts'
import { defineTokenModels } from '../../../forge/tokens/model.ts'
import { stateOf } from '../../../forge/tokens/present.ts'
import { keyOfGrant, keyOfWidest, widestOf } from '../../../forge/tokens/widest-grant.ts'
import { createInstance, createUser, mintToken, setOverride } from '../../support/builders.ts'
import type { Dialect } from '../../support/database.ts'
import { addTeam, DAY_MS, introspect, mint, NOW, setPolicy, useWorld } from './scene.ts'

const ROWS = 3000

/** Who holds tokens that reach a team or an instance, on whichever database. */
export function inventoryCases(dialect: Dialect): void {
  const world = useWorld(dialect)
  const ofTeam = (query = '', browser = world.owner) => browser('GET', `/api/v1/teams/${world.team.id}/tokens${query}`)
  const ofInstance = (id: string, query = '', browser = world.owner) =>
    browser('GET', `/api/v1/instances/${id}/tokens${query}`)
  const list = async (query = '') => (await ofTeam(query)).json<TeamTokenPage>()
  const namesOf = ({ tokens }: TeamTokenPage) => tokens.map(({ name }) => name)

  const ownScope = () =>
    ownedTeam(createDirectory({ store: world.forge.store } as never, {} as never), world.olga.id, world.team.id)
  const instanceScope = () =>
    ownedInstance(createDirectory({ store: world.forge.store } as never, {} as never), world.olga.id, world.instance.id)
  const pageOf = (page: Partial<PageOfIds> = {}): PageOfIds => ({ limit: 100, now: new Date(NOW), ...page })
  /** How the database would go about a page. */
  async function planOf(scope: Scope, filter: TokenFilter = {}, way: Way = 'walk'): Promise<string> {
    const { db } = world.forge
    const { sql, bind } = pageStatement(db, scope, pageOf(filter), way)
    const explain = dialect === 'sqlite' ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN'
    return JSON.stringify(await db.query(`${explain} ${sql}`, { bind, type: QueryTypes.SELECT }))
  }

  /** Thousands of tokens without texts, every third of them for another team, some in each state. */
  async function fill(): Promise<void> {
    const { Token, Grant: Grants } = defineTokenModels(world.forge.db)
    const other = await addTeam(world)
    // Every fourth is one that the index of teams does not know.
    const inOneTeam = (n: number) => n % 4 !== 0
    const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
    const at = (n: number, ms: number) => (n === 0 ? new Date(NOW + ms) : null)
    const numbers = Array.from({ length: ROWS }, (_, n) => n)
    // An instance each, and to some of ours the application or the team too; of every fifth nothing is noted.
    const grantsOf = (n: number): Grant[] => [
      { type: 'instance', id: n % 3 ? world.instance.id : other.instance.id },
      ...(n % 3 && n % 7 < 2 ? [{ type: 'application' as const, id: world.application.id }] : []),
      ...(n % 3 && n % 7 === 1 ? [{ type: 'team' as const, id: world.team.id }] : []),
    ]
    const isNoted = (n: number) => n % 5 !== 0

    await Token.bulkCreate(
      numbers.map((n) => ({
        id: id(n),
        familyId: id(n),
        selector: String(n).padStart(12, 's'),
        secretHash: 'none',
        prefilter: '00000000',
        keyId: '00000000',
        userId: world.alice.id,
        teamId: inOneTeam(n) ? (n % 3 ? world.team.id : other.team.id) : null,
        widestGrant: isNoted(n) ? keyOfWidest(grantsOf(n)) : null,
        name: `token ${n}`,
        description: '',
        roleLevel: n % 2 ? 10 : 30,
        readOnly: false,
        expiresAt: at(n % 5, n % 2 ? 0 : 1),
        revokedAt: at(n % 7, 0),
        // Some by a clock that is ahead of this one.
        endNoted: n % 10 === 5 || n % 22 === 11,
        retiresAt: at(n % 11, n % 3 ? 0 : 1),
        replacedById: n % 13 ? null : id(n + ROWS),
        lastUsedAt: at(n % 3, -n * 1000),
        // Several at the same millisecond: the id makes the order total.
        createdAt: new Date(NOW - 1000 * (n % 97)),
      })),
    )
    await Grants.bulkCreate(
      numbers.flatMap((n) => {
        const [grants, widest] = [grantsOf(n), isNoted(n) ? widestOf(grantsOf(n)) : undefined]
        return grants.map(({ type, id: targetId }) => ({
          ...{ tokenId: id(n), type, targetId, inOneTeam: inOneTeam(n), widest: targetId === widest?.id },
        }))
      }),
    )
  }

  it('shows who holds what, and what it is worth here now', async () => {
    const { id, selector, token } = await mint(world, { name: 'Laptop' })
    await world.forge.store.Member.update({ roleLevel: 10 }, { where: { userId: world.alice.id } })
    const answer = await ofTeam()

    // Asked afterwards, since it is a use.
    expect(await introspect(world, world.instance, token)).toMatchObject({ roles: ['viewer'] })

    expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'no-store'])
    expect(answer.json()).toEqual({
      meta: {},
      count: 1,
      tokens: [
        {
          id,
          selector,
          name: 'Laptop',
          holder: { id: world.alice.id, username: 'alice', name: 'Alice' },
          role: 'member',
          readOnly: false,
          tools: null,
          grants: [{ type: 'instance', id: world.instance.id, name: 'packer' }],
          access: { allowed: true, role: 'viewer', readOnly: false, mcpOnly: false },
          state: 'active',
          endReason: null,
          approval: null,
          cutOff: false,
          createdAt: new Date(NOW).toISOString(),
          expiresAt: new Date(NOW + 30 * DAY_MS).toISOString(),
          lastUse: null,
        },
      ],
    })
  })

  it('holds neither a secret nor what it is checked with', async () => {
    const { token } = await mint(world)
    const { body } = await ofTeam()

    expect(body).not.toContain(token.slice(19, 62))
    expect(body).not.toMatch(/hash|prefilter|keyId|argon2/)
  })

  it('shows the grants in this team only, and not where else the token is used', async () => {
    const other = await addTeam(world)
    const grants = [world.instance, other.instance].map(({ id }) => ({ type: 'instance' as const, id }))
    const { id } = await mint(world, { grants })
    await defineTokenModels(world.forge.db).Token.update(
      { lastUsedAt: new Date(NOW), lastUsedInstanceId: other.instance.id, lastUsedClient: 'curl/8.0' },
      { where: { id } },
    )

    const { body } = await ofTeam()
    expect(body).not.toMatch(new RegExp(`${other.instance.id}|curl`))
    expect((await list()).tokens[0]).toMatchObject({
      grants: [{ id: world.instance.id }],
      lastUse: { at: new Date(NOW).toISOString(), instance: null, client: null, address: null },
    })
  })

  it('takes the highest role of the instances that are reached, and says why there is none', async () => {
    const { forge, application, alice, team } = world
    await mint(world, { name: 'All', grants: [{ type: 'team', id: team.id }] })
    await mint(world, { name: 'One' })
    await setOverride(forge, { application, user: alice, role: 'none' })
    const spare = { id: (await forge.store.Application.create({ teamId: team.id, name: 'spare' })).id, teamId: team.id }
    await createInstance(forge, { application: { ...spare, name: 'spare' } })

    const access = new Map((await list()).tokens.map((token) => [token.name, token.access]))
    expect(access.get('All')).toMatchObject({ allowed: true, role: 'member' })
    expect(access.get('One')).toEqual({ allowed: false, reason: 'The person has no role in this application.' })
  })

  it('says that there is no instance yet', async () => {
    const { forge, application } = world
    await mint(world, { grants: [{ type: 'application', id: application.id }] })
    await forge.store.Instance.destroy({ where: { id: world.instance.id } })

    expect((await list()).tokens[0]?.access).toEqual({
      allowed: false,
      reason: 'There is no instance here for it yet.',
    })
  })

  it('shows what an owner has ended here, what waits for approval, and what left the team', async () => {
    const cut = await mint(world, { name: 'Cut' })
    await world.owner('DELETE', `/api/v1/teams/${world.team.id}/tokens/${cut.id}`)
    await world.forge.store.Instance.update({ production: true }, { where: { id: world.instance.id } })
    await setPolicy(world, { productionNeedsApproval: true })
    await mint(world, { name: 'Waits', reason: 'Because.' })
    const tokens = new Map((await list()).tokens.map((token) => [token.name, token]))

    expect(tokens.get('Cut')).toMatchObject({ cutOff: true, access: { allowed: false } })
    expect(tokens.get('Waits')).toMatchObject({ approval: 'pending', cutOff: false, access: { allowed: false } })
    await world.forge.store.Member.destroy({ where: { userId: world.alice.id } })
    expect((await list()).tokens.map(({ access }) => access)).toEqual(
      Array(2).fill({ allowed: false, reason: 'The person is no member of the team.' }),
    )
  })

  it('lists for an instance what reaches it by name, by application or by team, and nothing else', async () => {
    const { forge, application, team } = world
    const second = await createInstance(forge, { application })
    await mint(world, { name: 'team', grants: [{ type: 'team', id: team.id }] })
    await mint(world, { name: 'application', grants: [{ type: 'application', id: application.id }] })
    await mint(world, { name: 'instance' })
    await mint(world, { name: 'other', instance: second })
    const here = { type: 'instance' as const, id: world.instance.id }
    const everyWay = [{ type: 'team', id: team.id }, { type: 'application', id: application.id }, here] as const
    await mint(world, { name: 'every way', grants: [...everyWay] })
    const { instance: elsewhere } = await addTeam(world)
    await mint(world, { name: 'elsewhere too', grants: [here, { type: 'instance', id: elsewhere.id }] })

    const all = ['application', 'elsewhere too', 'every way', 'instance', 'team']
    for (const query of ['', '&state=active']) {
      const [page, first] = await Promise.all(
        ['100', '1'].map(async (limit) => (await ofInstance(here.id, `?limit=${limit}${query}`)).json<TeamTokenPage>()),
      )
      expect(page && namesOf(page).sort()).toEqual(all)
      expect([page?.count, first?.count]).toEqual([all.length, all.length])
      const rest = await ofInstance(here.id, `?cursor=${first?.meta.next_cursor}${query}`)
      expect(rest.json<TeamTokenPage>().count).toBe(all.length)
    }
  })

  it('is for owners of the team alone', async () => {
    await mint(world)
    for (const browser of [world.member, world.stranger]) {
      const answers = [await ofTeam('', browser), await ofInstance(world.instance.id, '', browser)]
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 404])
    }
    expect((await ofInstance('5b0b8e9a-6a51-4c33-8d53-0d6a3d5f2f10')).statusCode).toBe(404)
  })

  it('filters by holder, cap, text and last use', async () => {
    const olgas = { user: world.olga, instance: world.instance, role: 'owner' as const, name: 'Night shift' }
    await mintToken(world.forge, olgas)
    const { id } = await mint(world, { name: 'Laptop' })
    const { Token } = defineTokenModels(world.forge.db)
    await Token.update({ lastUsedAt: new Date(NOW) }, { where: { id } })

    expect(namesOf(await list(`?holder=${world.alice.id}`))).toEqual(['Laptop'])
    expect(namesOf(await list('?role=owner'))).toEqual(['Night shift'])
    expect(namesOf(await list('?query=NIGHT'))).toEqual(['Night shift'])
    expect(namesOf(await list('?query=%25'))).toEqual([])
    expect(namesOf(await list(`?unusedSince=${new Date(NOW).toISOString()}`))).toEqual(['Night shift'])
    expect(namesOf(await list(`?unusedSince=${new Date(NOW + 1).toISOString()}`))).toHaveLength(2)
    expect(await list('?holder=nobody')).toEqual({ meta: {}, count: 0, tokens: [] })
  })

  it('takes a text to the letter', async () => {
    await mint(world, { name: '50%_\\Ü 令牌🙂' })
    await mint(world, { name: 'Other' })
    for (const text of ['%', '_', '\\', '%_', '0%_\\', '50', '令', '令牌', '🙂', '牌🙂', '令牌🙂']) {
      expect(namesOf(await list(`?query=${encodeURIComponent(text)}`))).toEqual(['50%_\\Ü 令牌🙂'])
    }
  })

  it('counts up to ten thousand, and says of more that there are more', async () => {
    const { id } = await mint(world, { name: 'needle' })
    const copy = async (first: number, last: number, name = 'hay') => {
      const columns =
        'secret_hash, prefilter, key_id, user_id, description, role_level, read_only, created_at, updated_at'
      const [own, number] = ["'00000000-0000-4000-8000-' || substr", 'CAST(100000000000 + n AS VARCHAR)']
      await world.forge.db.query(
        `INSERT INTO pat_tokens (id, family_id, selector, name, team_id, ${columns})
           WITH RECURSIVE numbers (n) AS (SELECT ${first} UNION ALL SELECT n + 1 FROM numbers WHERE n < ${last})
         SELECT ${own}(${number}, 1, 12), ${own}(${number}, 1, 12), ${number}, '${name} ' || n, team_id, ${columns}
           FROM numbers JOIN pat_tokens t ON t.id = '${id}'`,
      )
    }
    const reach = (type: string, targetId: string, range: string) =>
      world.forge.db.query(
        `INSERT INTO pat_token_grants (token_id, type, target_id, in_one_team)
         SELECT id, '${type}', '${targetId}', true FROM pat_tokens WHERE name LIKE 'hay%' AND selector ${range}`,
      )
    const note = async (name: string, grant: Grant) => {
      await world.forge.db.query(
        `INSERT INTO pat_token_grants (token_id, type, target_id, in_one_team, widest)
         SELECT id, '${grant.type}', '${grant.id}', true, true FROM pat_tokens WHERE name LIKE '${name} %'
         ON CONFLICT (token_id, type, target_id) DO UPDATE SET widest = true`,
      )
      await world.forge.db.query(
        `UPDATE pat_tokens SET widest_grant = '${keyOfGrant(grant)}' WHERE name LIKE '${name} %'`,
      )
    }
    const countHere = async () => (await ofInstance(world.instance.id, '?limit=1')).json<TeamTokenPage>().count

    await copy(1, COUNTED_TOKENS - 1)
    expect(await list('?limit=1')).toMatchObject({ count: COUNTED_TOKENS })
    // Some thousands in two ways, and none in no way.
    await reach('team', world.team.id, "<= '100000006000'")
    await reach('application', world.application.id, "> '100000003000'")
    expect(await countHere()).toBe(COUNTED_TOKENS)
    await copy(COUNTED_TOKENS, COUNTED_TOKENS + 5)
    await reach('team', world.team.id, "> '100000006000'")
    expect(await countHere()).toBe(COUNTED_TOKENS + 1)
    const page = await list('?limit=1&state=active')
    expect(page).toMatchObject({ count: COUNTED_TOKENS + 1, meta: { next_cursor: expect.any(String) as string } })
    expect(await list(`?limit=1&cursor=${page.meta.next_cursor}`)).toMatchObject({ count: COUNTED_TOKENS + 1 })
    expect(await list('?query=needle')).toMatchObject({ count: 1, tokens: [{ id }] })

    await copy(COUNTED_TOKENS + 6, COUNTED_TOKENS + 2_005, 'straw')
    expect(await list('?limit=1&query=hay')).toMatchObject({ count: COUNTED_TOKENS + 1 })

    const scope = await ownScope()
    const rare = pageOf({ query: 'needle', role: 'member', states: ['active'] })
    const ways = [{}, { query: 'straw' }, { query: 'hay' }, rare].map((page) =>
      wayOf(world.forge.db, scope, pageOf(page)),
    )
    expect(await Promise.all(ways)).toEqual(['walk', 'walk', 'gather', 'gather'])

    // A page of them is near among the instance's own; to its end a walk would read the team's, where none is.
    await note('hay', { type: 'team', id: world.team.id })
    await note('straw', { type: 'instance', id: world.instance.id })
    const instance = await instanceScope()
    const waysHere = [{}, { query: 'straw' }].map((page) => wayOf(world.forge.db, instance, pageOf(page)))
    expect(await Promise.all(waysHere)).toEqual(['walk', 'gather'])

    if (dialect === 'sqlite') return
    await world.forge.db.query('VACUUM ANALYZE pat_tokens')
    expect(await planOf(scope, rare, 'gather')).toMatch(/pat_tokens_text/)
    for (const query of ['é', '令牌']) {
      expect(await planOf(scope, { query }, 'gather')).toMatch(/pat_tokens_short_pieces/)
    }
  })

  it.each([
    '?state=dead',
    '?role=admin',
    '?holder=%00',
    '?query=%00',
    '?unusedSince=yesterday',
    '?unusedSince=1969-12-31T00:00:00Z',
    '?unusedSince=2026-06-30T23:59:60Z',
    '?limit=0',
    '?limit=201',
    "?cursor='",
    '?cursor=9999999999999999_5b0b8e9a-6a51-4c33-8d53-0d6a3d5f2f10',
    '?more=1',
  ])('refuses %s', async (query) => {
    expect((await ofTeam(query)).statusCode).toBe(400)
  })

  it.each(['a team', 'an instance'])(
    'reads thousands of %s page by page, each once, in one order, also when some come and go meanwhile',
    async (of) => {
      await fill()
      const read = async (query: string) =>
        (await (of === 'a team' ? ofTeam(query) : ofInstance(world.instance.id, query))).json<TeamTokenPage>()
      const seen: string[] = []
      let cursor = ''
      do {
        const page = await read(`?limit=200${cursor && `&cursor=${cursor}`}`)
        expect(page.count).toBe(ROWS - ROWS / 3 + (seen.length > 0 ? 1 : 0))
        seen.push(...page.tokens.map(({ createdAt, id }) => `${createdAt} ${id}`))
        if (cursor === '') {
          vi.setSystemTime(NOW + 1000)
          await mint(world, { user: world.olga })
        }
        cursor = page.meta.next_cursor ?? ''
      } while (cursor)

      expect(seen).toHaveLength(ROWS - ROWS / 3)
      expect(new Set(seen).size).toBe(seen.length)
      expect(seen).toEqual(seen.toSorted().toReversed())
    },
  )

  it('finds the same page whichever way it takes, for a team and for an instance', async () => {
    await fill()
    const { db } = world.forge
    const scopes = [await ownScope(), await instanceScope()]
    const ids = async (scope: Scope, page: PageOfIds, way: Way) => {
      const { sql, bind } = pageStatement(db, scope, page, way)
      const rows = await db.query<{ id: string }>(sql, { bind, type: QueryTypes.SELECT })
      return rows.map(({ id }) => id)
    }
    const filters: [number, Partial<PageOfIds>][] = [
      [101, {}],
      [101, { cursor: `${NOW - 50_000}_00000000-0000-4000-8000-000000000900` }],
      [101, { states: ['active'], role: 'member' }],
      [101, { query: 'oken 1' }],
      [1, { query: 'token 2999', role: 'viewer' }],
      [0, { query: '_' }],
      [0, { query: 'é' }],
      [38, { query: '99' }],
      [0, { holder: world.olga.id }],
    ]
    for (const scope of scopes) {
      for (const [count, filter] of filters) {
        const walked = await ids(scope, pageOf(filter), 'walk')
        expect(walked).toHaveLength(count)
        expect(await ids(scope, pageOf(filter), 'gather')).toEqual(walked)
      }
    }
  })

  it('means by each state what the state of a token means', async () => {
    await fill()
    const { Token } = defineTokenModels(world.forge.db)
    const here = (await Token.findAll()).filter(({ id }) => Number(id.slice(-12)) % 3 !== 0)

    for (const state of ['active', 'retiring', 'retired', 'expired', 'revoked'] satisfies TokenState[]) {
      const expected = here.filter((row) => stateOf(row, NOW) === state).length
      expect(expected).toBeGreaterThan(0)
      // Counted by itself, and on the way to a page that fills only with tokens of several teams.
      for (const limit of [1, Math.min(200, expected - 1)]) {
        expect(await list(`?limit=${limit}&state=${state}`)).toMatchObject({ count: expected })
      }
    }
    expect((await list('?limit=1&state=active&state=retiring')).tokens[0]?.state).toMatch(/active|retiring/)
  })

  it('finds tokens of one team and of several, also after their grants were changed', async () => {
    const other = await addTeam(world)
    const [here, there] = [world.instance, other.instance].map(({ id }) => ({ type: 'instance' as const, id }))
    if (!here || !there) throw new Error('no grants')
    const { id } = await mint(world, { name: 'Both', grants: [here, there] })
    const counts = async () => [
      (await list()).count,
      (await world.owner('GET', `/api/v1/teams/${other.team.id}/tokens`)).json<TeamTokenPage>().count,
    ]

    expect(await counts()).toEqual([1, 1])
    await world.member('PATCH', `/api/v1/tokens/${id}`, { grants: [there] })
    expect(await counts()).toEqual([0, 1])
    await world.member('PATCH', `/api/v1/tokens/${id}`, { grants: [here, there] })
    expect(await counts()).toEqual([1, 1])
    await world.member('PATCH', `/api/v1/tokens/${id}`, { grants: [here] })
    const rotated = await world.member('POST', `/api/v1/tokens/${id}/rotate`, { graceMinutes: 5 })
    expect(rotated.statusCode).toBe(201)
    expect(await counts()).toEqual([2, 0])
  })

  it('finds its tokens through indexes, and looks at no table as a whole', async () => {
    await fill()
    await world.forge.db.query('ANALYZE')
    const carol = await createUser(world.forge)
    const scope = await ownScope()
    // One token among thousands: what a plan is good for.
    scope.team.id = carol.id
    scope.targets.instance = [carol.id]
    for (const way of ['walk', 'gather'] as const) {
      const plan = await planOf(scope, {}, way)
      expect(plan).toMatch(/pat_tokens_team/)
      expect(plan).toMatch(/pat_token_grants_(elsewhere_too|target|pkey)/)
      expect(plan).not.toMatch(/Seq Scan|SCAN (t|g)\b/)
    }
  })
}
