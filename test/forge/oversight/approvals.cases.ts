import { beforeEach, expect, it, vi } from 'vitest'

import type { TeamApprovalPage } from '../../../forge/contract/oversight.ts'
import type { CreatedToken } from '../../../forge/contract/token.ts'
import { addMember, openBrowser, type Browser } from '../../support/builders.ts'
import type { Dialect } from '../../support/database.ts'
import { addTeam, DAY_MS, introspect, logOf, mint, noticesOf, NOW, setPolicy, useWorld } from './scene.ts'

const MINUTE_MS = 60_000
const REASON = 'The night shift reads the packer.'

/** Owners' word on production, on whichever database. */
export function approvalCases(dialect: Dialect): void {
  const world = useWorld(dialect)
  beforeEach(async () => {
    await world.forge.store.Instance.update({ production: true }, { where: { id: world.instance.id } })
    await setPolicy(world, { productionNeedsApproval: true })
  })

  const path = () => `/api/v1/teams/${world.team.id}/approvals`
  const list = async (query = '') => (await world.owner('GET', path() + query)).json<TeamApprovalPage>()
  const decide = (tokenId: string, body: object = { decision: 'approve' }, browser = world.owner) =>
    browser('POST', `${path()}/${tokenId}`, body)
  const ask = (change: Parameters<typeof mint>[1] = {}) => mint(world, { reason: REASON, name: 'Night', ...change })
  const isActive = async (token: string) => (await introspect(world, world.instance, token)).active

  /** A second owner of the team. */
  async function addOwner(): Promise<Browser> {
    await addMember(world.forge, { team: world.team, user: world.forge.admin, role: 'owner' })
    return openBrowser(world.forge, world.forge.admin)
  }

  it('shows who asks for what, and why', async () => {
    const { instance } = await addTeam(world)
    const grants = [world.instance, instance].map(({ id }) => ({ type: 'instance' as const, id }))
    const { id, token, selector } = await ask({ grants })

    const page = await list()

    expect(page.count).toBe(1)
    expect(page.approvals).toEqual([
      {
        token: {
          id,
          selector,
          name: 'Night',
          role: 'member',
          readOnly: false,
          grants: [{ type: 'instance', id: world.instance.id, name: 'packer' }],
          state: 'active',
          expiresAt: new Date(NOW + 30 * DAY_MS).toISOString(),
        },
        requester: { id: world.alice.id, username: 'alice', name: 'Alice' },
        reason: REASON,
        instances: [{ id: world.instance.id, name: 'packer' }],
        state: 'pending',
        requestedAt: new Date(NOW).toISOString(),
        decidedBy: null,
        decidedAt: null,
      },
    ])
    expect(await isActive(token)).toBe(false)
  })

  it('tells the owners, and stands in both logs', async () => {
    const { id } = await ask()

    expect(await noticesOf(world.owner)).toMatchObject([
      { kind: 'approval-requested', body: { token: { id, name: 'Night' }, requester: 'alice', reason: REASON } },
    ])
    expect(await noticesOf(world.member)).toEqual([])
    const said = {
      event: 'user.pat.approval-requested',
      username: 'alice',
      token: { id, ownerName: 'alice' },
      body: { instances: [{ id: world.instance.id, name: 'packer' }], reason: REASON },
    }
    expect((await logOf(world.member, 'tokens/audit-log'))[0]).toMatchObject(said)
    expect((await logOf(world.owner, `teams/${world.team.id}/audit-log`))[0]).toMatchObject(said)
  })

  it('lets the token in once an owner approves, and tells who asked', async () => {
    const { id, token } = await ask()
    expect((await decide(id)).statusCode).toBe(204)

    expect(await isActive(token)).toBe(true)
    expect((await list()).approvals[0]).toMatchObject({ state: 'approved', decidedBy: { username: 'olga' } })
    expect(await noticesOf(world.member)).toMatchObject([
      { kind: 'approval-decided', body: { decision: 'approved', by: 'olga', token: { id } } },
    ])
    const [entry] = await logOf(world.member, 'tokens/audit-log')
    expect(entry).toMatchObject({ event: 'user.pat.approval-granted', username: 'olga' })
  })

  it('keeps the token out when an owner denies it, with the reason in the audit', async () => {
    const { id, token } = await ask()
    expect((await decide(id, { decision: 'deny', reason: 'Not at night.' })).statusCode).toBe(204)

    expect(await isActive(token)).toBe(false)
    const [entry] = await logOf(world.member, 'tokens/audit-log?event=user.pat.approval-declined')
    expect(entry).toMatchObject({ event: 'user.pat.approval-declined', body: { reason: 'Not at night.' } })
    expect(await noticesOf(world.member)).toMatchObject([{ body: { decision: 'refused' } }])
  })

  it('is decided once, by one of several owners at the same moment', async () => {
    const { id, token } = await ask()
    const other = await addOwner()

    const answers = await Promise.all([decide(id), decide(id, { decision: 'deny' }, other)])

    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([204, 409])
    expect(await isActive(token)).toBe(answers[0].statusCode === 204)
    const log = await logOf(world.owner, `teams/${world.team.id}/audit-log`)
    expect(log.filter(({ event }) => /granted|declined/.test(event))).toHaveLength(1)
    expect((await decide(id)).statusCode).toBe(409)
  })

  it('leaves an own token to another owner', async () => {
    const own = await mint(world, { user: world.olga, reason: REASON })
    const other = await addOwner()

    const answer = await decide(own.id)
    expect([answer.statusCode, answer.json()]).toMatchObject([403, { code: 'forbidden' }])
    expect((await decide(own.id, undefined, other)).statusCode).toBe(204)
  })

  it('lets the only owner approve their own token', async () => {
    const own = await mint(world, { user: world.olga, reason: REASON })

    expect(await noticesOf(world.owner)).toMatchObject([{ kind: 'approval-requested' }])
    expect((await decide(own.id)).statusCode).toBe(204)
  })

  it('does not count a suspended owner as another one', async () => {
    const own = await mint(world, { user: world.olga, reason: REASON })
    await addOwner()
    await world.forge.store.User.update({ suspended: true }, { where: { id: world.forge.admin.id } })

    expect((await decide(own.id)).statusCode).toBe(204)
  })

  it('wants a fresh sign-in to approve, and none to deny', async () => {
    const { id } = await ask()
    vi.setSystemTime(NOW + 10 * MINUTE_MS)

    expect((await decide(id)).json()).toMatchObject({ code: 'reauthentication_required' })
    expect((await decide(id, { decision: 'deny' })).statusCode).toBe(204)
  })

  it('does not approve what has ended', async () => {
    const { id } = await ask()
    await world.member('DELETE', `/api/v1/tokens/${id}`)

    expect((await decide(id)).statusCode).toBe(409)
  })

  it('is asked anew when the token is widened, and what was seen before cannot be approved', async () => {
    const { id, token } = await ask({ role: 'viewer', readOnly: true })
    const [seen] = (await list()).approvals
    vi.setSystemTime(NOW + MINUTE_MS)
    const widened = await world.member('PATCH', `/api/v1/tokens/${id}`, { readOnly: false, reason: 'It must write.' })
    expect(widened.statusCode).toBe(200)

    const stale = await decide(id, { decision: 'approve', requestedAt: seen?.requestedAt })
    expect([stale.statusCode, await isActive(token)]).toEqual([409, false])
    expect((await list()).approvals[0]).toMatchObject({ state: 'pending', reason: 'It must write.' })
    expect(await noticesOf(world.owner)).toHaveLength(2)
  })

  it('goes over to the token that replaces it', async () => {
    const { id } = await ask()
    await decide(id)
    const rotated = await world.member('POST', `/api/v1/tokens/${id}/rotate`, { reason: REASON })

    expect(await isActive(rotated.json<CreatedToken>().token)).toBe(true)
    expect(await noticesOf(world.owner)).toHaveLength(1)
  })

  it('lists pending ones first, page by page', async () => {
    const ids: string[] = []
    for (let n = 0; n < 5; n++) {
      vi.setSystemTime(NOW + n)
      ids.push((await ask()).id)
    }
    const [a = '', b = '', c = '', d = '', e = ''] = ids
    await decide(e)
    await decide(c, { decision: 'deny' })

    const first = await list('?limit=2')
    const second = await list(`?limit=2&cursor=${first.meta.next_cursor}`)
    const third = await list(`?limit=2&cursor=${second.meta.next_cursor}`)

    const shown = [first, second, third].flatMap(({ approvals }) => approvals.map(({ token }) => token.id))
    expect(shown).toEqual([d, b, a, e, c])
    expect([first.count, third.meta]).toEqual([5, {}])
    expect((await list('?state=denied')).approvals.map(({ token }) => token.id)).toEqual([c])
  })

  it('is for owners of the team alone', async () => {
    const { id, token } = await ask()

    for (const browser of [world.member, world.stranger]) {
      const answers = [await browser('GET', path()), await decide(id, undefined, browser)]
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 404])
    }
    expect(await isActive(token)).toBe(false)
  })

  it('does not find a token that nobody asked about', async () => {
    const { instance } = await addTeam(world)
    const { id } = await mint(world, { instance })

    expect((await decide(id)).statusCode).toBe(404)
    expect((await decide('5b0b8e9a-6a51-4c33-8d53-0d6a3d5f2f10')).statusCode).toBe(404)
  })

  it.each([{}, { decision: 'maybe' }, { decision: 'deny', reason: 'a\u0000b' }, { decision: 'approve', more: 1 }])(
    'refuses %j',
    async (body) => {
      const { id } = await ask()
      expect((await decide(id, body)).statusCode).toBe(400)
    },
  )

  it('refuses a cursor that no list gave out', async () => {
    expect((await world.owner('GET', `${path()}?cursor=pending_1_x`)).statusCode).toBe(400)
  })
}
